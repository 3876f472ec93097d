//! The command line.

use crate::Fatal;
use fhir_ehr::{Offset, OffsetDirection, TextMode};
use std::path::PathBuf;

const USAGE: &str = "usage: ehr_launch --config FILE --mapping FILE --patient-file FILE --record-folder DIR
  --config FILE             the fhir_ehr configuration
  --mapping FILE            which field goes where
  --patient-file FILE       the study's patients: [{\"id\", \"mrn\", \"visit_date\"}]
  --record-folder DIR       where records are saved, as N.json
  --login USER:PASSWORD     the application's own user; default: study:study
  --project NAME            the study; default: demo
  --offset-days N           how far from the visit values count; default: 7
  --offset-direction SIGN  after and before, after, before: +- + -; default: +-
  --text default|php14      which text numbers and times have
  --stop-with-stdin         stop when stdin is closed";

/// What can be chosen.
pub(crate) struct Options {
    pub(crate) config: PathBuf,
    pub(crate) mapping: PathBuf,
    pub(crate) patient_file: PathBuf,
    pub(crate) record_folder: PathBuf,
    pub(crate) login: (String, String),
    pub(crate) project: String,
    pub(crate) offset: Offset,
    pub(crate) text: TextMode,
    pub(crate) stop_with_stdin: bool,
}

impl Options {
    /// Reads `--name value` pairs.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Fatal> {
        let mut options = Options {
            config: PathBuf::new(),
            mapping: PathBuf::new(),
            patient_file: PathBuf::new(),
            record_folder: PathBuf::new(),
            login: ("study".to_owned(), "study".to_owned()),
            project: "demo".to_owned(),
            offset: Offset::default(),
            text: TextMode::Exact,
            stop_with_stdin: false,
        };
        while let Some(name) = words.next() {
            if name == "--stop-with-stdin" {
                options.stop_with_stdin = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{name} wants a value\n{USAGE}"))?;
            options.set(&name, value)?;
        }
        let files = [&options.config, &options.mapping, &options.patient_file, &options.record_folder];
        if files.iter().any(|file| file.as_os_str().is_empty()) {
            return Err(USAGE.into());
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Fatal> {
        let wrong = || Fatal::from(format!("{name}: this value is not possible\n{USAGE}"));
        match name {
            "--config" => self.config = value.into(),
            "--mapping" => self.mapping = value.into(),
            "--patient-file" => self.patient_file = value.into(),
            "--record-folder" => self.record_folder = value.into(),
            "--project" => self.project = value,
            "--login" => {
                let (user, password) = value.split_once(':').ok_or_else(wrong)?;
                self.login = (user.to_owned(), password.to_owned());
            }
            "--offset-days" => self.offset.days = value.parse().map_err(|_| wrong())?,
            "--offset-direction" => {
                self.offset.direction = match value.as_str() {
                    "+-" => OffsetDirection::Both,
                    "+" => OffsetDirection::After,
                    "-" => OffsetDirection::Before,
                    _ => return Err(wrong()),
                }
            }
            "--text" => {
                self.text = match value.as_str() {
                    "default" => TextMode::Exact,
                    "php14" => TextMode::Php14,
                    _ => return Err(wrong()),
                }
            }
            _ => return Err(format!("{name}: there is no such option\n{USAGE}").into()),
        }
        Ok(())
    }
}
