//! Mappings from fields of the EHR to study fields, read from the documented CSV form.

pub use crate::staging::preselect::Preselect;
use crate::{
    error::{Code, Error, Result, escape_for_display},
    fields::{Field, Reader, catalog},
};

/// The documented header, in its order.
pub const HEADER: [&str; 6] = [
    "external_source_field_name",
    "is_record_identifier",
    "field_name",
    "temporal_field",
    "preselect",
    "event_name",
];

/// A seventh column that a mapping may have.
pub const UNIT: &str = "unit";

/// One line of a mapping.
#[derive(Clone, Debug)]
pub struct MappingLine {
    /// The field of the EHR.
    pub source_field: Field,
    /// The field of the study record for the value.
    pub study_field: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The study field with the date of the window.
    pub temporal_field: Option<String>,
    /// The rule that preselects one of several values.
    pub preselect: Option<Preselect>,
    /// The unit that values must have to be preselected: a UCUM code, or the text that the EHR sends.
    pub unit: Option<String>,
}

/// A mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The field of the study record with the medical record number.
    pub record_identifier: Option<String>,
    /// The lines, without the line of the record identifier.
    pub lines: Vec<MappingLine>,
    /// The parts of the mapping that were not used, each with its line number.
    pub warnings: Vec<String>,
}

impl Mapping {
    /// Reads the CSV form.
    ///
    /// # Errors
    /// [`Code::MappingInvalid`] with the line's number and what to write instead.
    pub fn from_csv(text: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let mut lines = LineCounter { text: text.as_bytes(), at: 0, line: 1 };
        let header = reader.headers().map_err(|cause| csv_error(&mut lines, &cause))?;
        let first = lines.number(header.position());
        if !header.iter().eq(HEADER) && !header.iter().eq(HEADER.into_iter().chain([UNIT])) {
            return Err(invalid(first, "the header does not have the documented columns", &columns_hint()));
        }
        let mut mapping = Mapping::default();
        for record in reader.records() {
            let record = record.map_err(|cause| csv_error(&mut lines, &cause))?;
            let number = lines.number(record.position());
            mapping.add(number, &record.iter().collect::<Vec<_>>())?;
        }
        if mapping.lines.is_empty() {
            return Err(invalid(
                first + 1,
                "the mapping has no lines",
                "Add at least one line below the header.",
            ));
        }
        Ok(mapping)
    }

    /// Adds the line with this number in the text.
    fn add(&mut self, number: u64, cells: &[&str]) -> Result<()> {
        let [source_field, identifier, study_field, temporal_field, preselect, event, ref unit @ ..] = *cells
        else {
            return Err(invalid(number, "the line does not have six columns", &columns_hint()));
        };
        let field = catalog::field(source_field).ok_or_else(|| unknown_field(number, source_field))?;
        if study_field.is_empty() {
            return Err(invalid(number, "field_name is empty", "Name the study field for the value."));
        }
        if is_identifier(number, identifier, &field)? {
            return self.set_record_identifier(number, study_field);
        }
        let line = MappingLine {
            temporal_field: (field.is_temporal() && !temporal_field.is_empty())
                .then(|| temporal_field.to_owned()),
            preselect: preselect_rule(number, preselect)?,
            unit: unit
                .first()
                .filter(|unit| field.is_measured() && !unit.is_empty())
                .map(|&unit| unit.to_owned()),
            source_field: field,
            study_field: study_field.to_owned(),
            event: event.to_owned(),
        };
        if line.temporal_field.is_none() && !temporal_field.is_empty() {
            self.warn(number, &format!("{source_field} has no time, so temporal_field was not used"));
        }
        if line.unit.is_none() && unit.first().is_some_and(|unit| !unit.is_empty()) {
            self.warn(number, &format!("{source_field} has no unit, so the column unit was not used"));
        }
        let is_repeated = |other: &MappingLine| {
            (&other.source_field, &other.study_field, &other.event)
                == (&line.source_field, &line.study_field, &line.event)
        };
        if self.lines.iter().any(is_repeated) {
            self.warn(number, "it repeats an earlier line and was not used");
        } else {
            self.lines.push(line);
        }
        Ok(())
    }

    fn set_record_identifier(&mut self, number: u64, study_field: &str) -> Result<()> {
        match self.record_identifier.replace(study_field.to_owned()) {
            None => Ok(()),
            Some(_) => Err(invalid(
                number,
                "a second record identifier",
                "Keep only one line with is_record_identifier 1.",
            )),
        }
    }

    fn warn(&mut self, number: u64, what: &str) {
        self.warnings.push(format!("line {number}: {what}"));
    }
}

/// Whether a line names the record identifier.
fn is_identifier(number: u64, cell: &str, field: &Field) -> Result<bool> {
    let is_identifier = match cell {
        "" | "0" => false,
        "1" => true,
        _ => {
            let what = "is_record_identifier is neither 1 nor empty";
            return Err(invalid(number, what, "Write 1, or leave it empty."));
        }
    };
    if is_identifier != (field.reader == Reader::RecordIdentifier) {
        let what = "the record identifier must be the field id, and only that field";
        return Err(invalid(number, what, "Write: id,1,..."));
    }
    Ok(is_identifier)
}

fn preselect_rule(number: u64, cell: &str) -> Result<Option<Preselect>> {
    if cell.is_empty() {
        return Ok(None);
    }
    let hint = "Write MIN, MAX, FIRST, LAST or NEAR, or leave it empty.";
    Preselect::parse(cell).map(Some).ok_or_else(|| invalid(number, "an unknown preselect rule", hint))
}

fn columns_hint() -> String {
    format!("Write these columns: {}. The column {UNIT} may follow.", HEADER.join(","))
}

fn invalid(line: u64, what: &str, hint: &str) -> Error {
    Error::new(Code::MappingInvalid).detail(format!("line {line}: {what}")).hint(hint.to_owned())
}

fn unknown_field(line: u64, name: &str) -> Error {
    let what = format!("unknown field {}", escape_for_display(name));
    let similar = catalog::similar(name);
    let hint = if similar.is_empty() {
        "Write the name of a field of the catalog, or a LOINC code such as 29463-7.".to_owned()
    } else {
        let named = |field: &&Field| format!("{} ({})", field.name, field.label);
        format!("Did you mean {}?", similar.iter().map(named).collect::<Vec<_>>().join(", "))
    };
    invalid(line, &what, &hint)
}

/// Counts lines as an editor does. The count of the CSV reader does not include blank lines before a record and the second half
/// of a CRLF, and it does not know a line that ends with a single CR.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    /// The number of the line on which the record at a position begins. Positions must not decrease.
    fn number(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        while let Some(&byte) = self.text.get(self.at) {
            let breaks = matches!(byte, b'\r' | b'\n');
            if self.at >= start && !breaks {
                break;
            }
            self.at += 1;
            let first_of_two = byte == b'\r' && self.text.get(self.at) == Some(&b'\n');
            self.line += u64::from(breaks && !first_of_two);
        }
        self.line
    }
}

fn csv_error(lines: &mut LineCounter<'_>, cause: &csv::Error) -> Error {
    let line = lines.number(cause.position());
    match cause.kind() {
        csv::ErrorKind::UnequalLengths { len, expected_len, .. } => {
            invalid(line, &format!("{len} columns instead of {expected_len}"), &columns_hint())
        }
        _ => invalid(line, "the text is not CSV in UTF-8", "Save the file as CSV in UTF-8."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mapping(lines: &str) -> Result<Mapping> {
        Mapping::from_csv(&format!("{}\n{lines}", HEADER.join(",")))
    }

    #[test]
    fn the_documented_form_is_read() {
        let read =
            mapping("29463-7,,body_weight,visit_date,MAX,event_1_arm_1\r\nid,1,mrn,,,\nbirthDate,,dob,,,\n")
                .unwrap();
        assert_eq!(read.record_identifier.as_deref(), Some("mrn"));
        assert_eq!(read.lines.len(), 2);
        assert_eq!(read.lines[0].preselect, Some(Preselect::Max));
        assert_eq!(read.lines[0].temporal_field.as_deref(), Some("visit_date"));
    }

    #[test]
    fn a_line_may_name_the_unit_it_requires() {
        let with_unit = |lines: &str| Mapping::from_csv(&format!("{},{UNIT}\n{lines}", HEADER.join(",")));
        let read = with_unit("29463-7,,weight,,MAX,,kg\n8302-2,,height,,,,\nbirthDate,,dob,,,,kg\n").unwrap();
        let units: Vec<Option<&str>> = read.lines.iter().map(|line| line.unit.as_deref()).collect();
        assert_eq!(units, [Some("kg"), None, None]);
        assert!(read.warnings[0].contains("line 4: birthDate has no unit"), "{:?}", read.warnings);
        let short = with_unit("29463-7,,weight,,MAX,\n").unwrap_err();
        assert!(short.message().contains("line 2: 6 columns"), "{short}");
    }

    #[test]
    fn a_malformed_line_is_named() {
        for (lines, part) in [
            ("birthDate,,dob,,\n", "line 2: 5 columns"),
            ("birthDate,,dob,,,\nbrithDate,,dob,,,\n", "line 3: unknown field brithDate"),
            ("<x>,,dob,,,\n", "line 2: unknown field %3Cx%3E"),
            ("birthDate,,,,,\n", "line 2: field_name is empty"),
            ("birthDate,yes,dob,,,\n", "line 2: is_record_identifier"),
            ("birthDate,1,dob,,,\n", "line 2: the record identifier"),
            ("id,1,mrn,,,\nid,1,mrn2,,,\n", "line 3: a second record identifier"),
            ("29463-7,,w,d,BEST,\n", "line 2: an unknown preselect rule"),
            ("", "the mapping has no lines"),
        ] {
            let error = mapping(lines).unwrap_err();
            assert_eq!(error.code(), Code::MappingInvalid);
            assert!(error.message().contains(part), "{} should hold {part}", error.message());
            assert!(error.hint_text().is_some());
        }
        assert!(Mapping::from_csv("a,b\n").unwrap_err().message().contains("line 1: the header"));
    }

    #[test]
    fn lines_are_numbered_as_an_editor_shows_them() {
        let header = HEADER.join(",");
        for (text, line) in [
            ("H\ngood\nbad\n", 3),
            ("H\r\ngood\r\nbad\r\n", 3),
            ("H\rgood\rbad\r", 3),
            ("H\r\ngood\nbad", 3),
            ("\u{feff}H\r\ngood\r\nbad\r\n", 3),
            ("H\n\n\ngood\n\nbad\n", 6),
            ("H\r\n\r\n\r\ngood\r\n\r\nbad\r\n", 6),
            ("\n\nH\nbad\n", 4),
            ("H\nquoted\nbad\n", 4),
            ("H\r\nquoted\r\nbad\r\n", 4),
        ] {
            let good = "birthDate,,dob,,,";
            let quoted = "birthDate,,\"d\nob\",,,";
            let text = text.replace("good", good).replace("quoted", quoted).replace('H', &header);
            for bad in ["brithDate,,dob,,,", "birthDate,,dob"] {
                let error = Mapping::from_csv(&text.replace("bad", bad)).unwrap_err();
                let found = error.message();
                assert!(
                    found.contains(&format!("line {line}: ")),
                    "{found} should be line {line} of {text:?}"
                );
            }
        }
        let other_header = Mapping::from_csv("\r\n\r\na,b\r\n").unwrap_err();
        assert!(other_header.message().contains("line 3: the header"), "{other_header}");
        let nothing = Mapping::from_csv(&format!("\n{header}\r\n")).unwrap_err();
        assert!(nothing.message().contains("line 3: the mapping has no lines"), "{nothing}");
        let repeated = mapping("birthDate,,dob,,,\r\nbirthDate,,dob,,,\r\n").unwrap();
        assert!(repeated.warnings[0].starts_with("line 3: "), "{:?}", repeated.warnings);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,120}") {
            let _ = mapping(&text);
            let _ = Mapping::from_csv(&text);
        }
    }
}
