//! The fields a study can map to: a table of names and of labelled LOINC codes, and every other LOINC code.

use crate::config::FhirVersion;
use once_cell::sync::Lazy;

const TABLE: &str = include_str!("catalog.tsv");

/// The LOINC codes that count as vital signs (reference C); 72514-3, pain, does not.
const VITAL_SIGNS: &[&str] = &[
    "8867-4", "9279-1", "2708-6", "59408-5", "3150-6", "3151-8", "8310-5", "8331-1", "8328-7", "75539-7",
    "8302-2", "8306-3", "3137-7", "9843-4", "8287-5", "29463-7", "3141-9", "39156-5", "85354-9", "55284-4",
    "8480-6", "8462-4", "8478-0", "96607-7", "96608-5", "96609-3", "59576-9", "77606-2", "8289-1",
];

/// These codes are components of panels; many servers find a component by its panel's code only (O25).
const PANELS: &[(&str, &[&str])] = &[
    ("8480-6", &["85354-9", "55284-4"]),
    ("8462-4", &["85354-9", "55284-4"]),
    ("8478-0", &["85354-9", "55284-4", "96607-7"]),
    ("96608-5", &["96607-7"]),
    ("96609-3", &["96607-7"]),
    ("3150-6", &["59408-5", "2708-6"]),
    ("3151-8", &["59408-5", "2708-6"]),
];

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in mappings.
    pub name: String,
    /// For people.
    pub label: String,
    /// For grouping.
    pub category: String,
    /// How it is read.
    pub reader: Reader,
}

/// How a field is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It is the medical record number itself.
    RecordIdentifier,
    /// Out of the Patient, by the field's name.
    Demographic(String),
    /// Out of Observations with one of these LOINC codes.
    Observation(Vec<String>),
    /// Entries that are merged into one text.
    List(List),
}

/// Which entries a list takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// Conditions of the problem list in one of these clinical states.
    Conditions(Vec<String>),
    /// Conditions that were diagnosed at a visit.
    Diagnoses,
    /// Prescriptions in one of these states.
    Medications(Vec<String>),
    /// Active prescriptions that were reported by someone else than the prescriber, such as the patient.
    ReportedMedications,
    /// Allergies and intolerances that are active.
    Allergies,
    /// Immunizations that were given.
    Immunizations,
}

impl Field {
    /// Whether its values have times, so that a window can choose among them.
    pub fn is_temporal(&self) -> bool {
        matches!(self.reader, Reader::Observation(_) | Reader::List(_))
    }

    /// Whether it is read out of Observations, so that its values may have units.
    pub fn is_measured(&self) -> bool {
        matches!(self.reader, Reader::Observation(_))
    }

    /// Whether it is read out of the Patient, so that [`crate::client::Client::patient`] can give it.
    pub fn is_demographic(&self) -> bool {
        matches!(self.reader, Reader::Demographic(_))
    }

    /// The resource type that holds it.
    pub fn resource_type(&self, version: FhirVersion) -> &'static str {
        match (&self.reader, version) {
            (Reader::RecordIdentifier | Reader::Demographic(_), _) => "Patient",
            (Reader::Observation(_), _) => "Observation",
            (Reader::List(List::Conditions(_) | List::Diagnoses), _) => "Condition",
            (Reader::List(List::Medications(_) | List::ReportedMedications), FhirVersion::Dstu2) => {
                "MedicationOrder"
            }
            (Reader::List(List::Medications(_) | List::ReportedMedications), FhirVersion::R4) => {
                "MedicationRequest"
            }
            (Reader::List(List::Allergies), _) => "AllergyIntolerance",
            (Reader::List(List::Immunizations), _) => "Immunization",
        }
    }

    /// The codes to search for, with the panels they may stand in.
    pub fn search_codes(&self) -> Vec<&str> {
        let Reader::Observation(codes) = &self.reader else { return Vec::new() };
        let mut all: Vec<&str> = codes.iter().map(String::as_str).collect();
        for code in codes {
            let panels = PANELS.iter().filter(|(part, _)| part == code).flat_map(|(_, panels)| *panels);
            for panel in panels {
                if !all.contains(panel) {
                    all.push(panel);
                }
            }
        }
        all
    }
}

static FIELDS: Lazy<Vec<Field>> = Lazy::new(|| TABLE.lines().filter_map(table_row).collect());

fn table_row(line: &str) -> Option<Field> {
    if line.starts_with('#') {
        return None;
    }
    let mut cells = line.split('\t');
    let (name, label, category, reader) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (kind, states) = reader.split_once(':').unwrap_or((reader, ""));
    let states: Vec<String> = states.split(',').map(str::to_owned).collect();
    let reader = match kind {
        "record-identifier" => Reader::RecordIdentifier,
        "demographic" => Reader::Demographic(name.to_owned()),
        "observation" => Reader::Observation(vec![name.to_owned()]),
        "vital-signs" => Reader::Observation(VITAL_SIGNS.iter().map(|code| (*code).to_owned()).collect()),
        "condition" => Reader::List(List::Conditions(states)),
        "diagnosis" => Reader::List(List::Diagnoses),
        "medication" => Reader::List(List::Medications(states)),
        "reported-medication" => Reader::List(List::ReportedMedications),
        "allergy" => Reader::List(List::Allergies),
        "immunization" => Reader::List(List::Immunizations),
        _ => return None,
    };
    Some(Field { name: name.into(), label: label.into(), category: category.into(), reader })
}

/// The fields of the table, in its order.
pub fn fields() -> &'static [Field] {
    &FIELDS
}

/// The field of a name: one of the table, or a LOINC code.
pub fn field(name: &str) -> Option<Field> {
    if let Some(field) = FIELDS.iter().find(|field| field.name == name) {
        return Some(field.clone());
    }
    is_loinc(name).then(|| Field {
        name: name.to_owned(),
        label: name.to_owned(),
        category: "Laboratory and vital signs".to_owned(),
        reader: Reader::Observation(vec![name.to_owned()]),
    })
}

fn is_loinc(name: &str) -> bool {
    let Some((number, check)) = name.split_once('-') else { return false };
    let digits = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(number, 7) && digits(check, 1)
}

/// The named fields that are spelled most like a name that is none.
pub fn similar(name: &str) -> Vec<&'static str> {
    let wanted = name.to_lowercase().replace(['_', ' '], "-");
    let score = |known: &str| {
        let known = known.to_lowercase();
        let same = known.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
        let back = known.chars().rev().zip(wanted.chars().rev()).take_while(|(a, b)| a == b).count();
        (same + back).min(known.len()) * 2 >= known.len().max(wanted.len())
    };
    FIELDS.iter().map(|field| field.name.as_str()).filter(|known| score(known)).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_names_are_all_there() {
        let names = "id, name-given, name-family, birthDate, gender, race, ethnicity, address-line, address-city, \
            address-state, address-postalCode, address-country, phone-home, phone-mobile, email, email-2, email-3, \
            preferred-language, marital-status, deceasedBoolean, deceasedDateTime, active-problem-list, \
            encounter-diagnosis-list";
        for name in names.split(", ") {
            assert!(field(name).is_some(), "{name}");
        }
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(fields().len(), lines, "every line of the table is a field");
    }

    #[test]
    fn a_labelled_code_is_read_as_any_other_code() {
        let category = |name: &str| field(name).unwrap().category;
        assert_eq!(category("2160-0"), "Laboratory");
        assert_eq!(category("72166-2"), "Social history");
        for labelled in fields().iter().filter(|field| is_loinc(&field.name)) {
            assert_eq!(labelled.reader, Reader::Observation(vec![labelled.name.clone()]));
            assert_ne!(labelled.label, labelled.name);
        }
        for code in VITAL_SIGNS {
            assert_eq!(category(code), "Vital signs", "{code}");
        }
        assert_eq!(category("1-8"), "Laboratory and vital signs", "a code without a label");
    }

    #[test]
    fn every_name_and_label_of_the_table_is_there_once() {
        let mut names: Vec<&str> = fields().iter().map(|field| field.name.as_str()).collect();
        let mut labels: Vec<&str> = fields().iter().map(|field| field.label.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!((names.len(), labels.len()), (fields().len(), fields().len()));
        let demographic = |name: &str| field(name).unwrap().is_demographic();
        assert!(demographic("birthDate") && !demographic("id") && !demographic("29463-7"));
    }

    #[test]
    fn a_loinc_code_is_a_field_and_other_text_is_not() {
        assert!(field("29463-7").is_some_and(|field| field.is_temporal()));
        for name in ["29463", "29463-77", "12345678-9", "brithDate", "", "-", "a-1"] {
            assert!(field(name).is_none(), "{name}");
        }
        assert_eq!(similar("brithDate"), ["birthDate"]);
    }

    #[test]
    fn a_component_is_searched_by_its_panel_too() {
        for (code, panels) in [
            ("8480-6", &["85354-9", "55284-4"][..]),
            ("8462-4", &["85354-9", "55284-4"]),
            ("8478-0", &["85354-9", "55284-4", "96607-7"]),
            ("96608-5", &["96607-7"]),
            ("96609-3", &["96607-7"]),
            ("3150-6", &["59408-5", "2708-6"]),
            ("3151-8", &["59408-5", "2708-6"]),
            ("29463-7", &[]),
        ] {
            let field = field(code).unwrap();
            assert_eq!(field.search_codes(), [&[code], panels].concat(), "{code}");
        }
    }
}
