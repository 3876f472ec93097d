//! The fields that a study can map to: the fields of `catalog.tsv`, and every LOINC code.

use crate::config::FhirVersion;
use once_cell::sync::Lazy;

const TABLE: &str = include_str!("catalog.tsv");

/// The LOINC codes that count as vital signs. Pain (72514-3) is not one of them.
const VITAL_SIGNS: &[&str] = &[
    "8867-4", "9279-1", "2708-6", "59408-5", "3150-6", "3151-8", "8310-5", "8331-1", "8328-7", "75539-7",
    "8302-2", "8306-3", "3137-7", "9843-4", "8287-5", "29463-7", "3141-9", "39156-5", "85354-9", "55284-4",
    "8480-6", "8462-4", "8478-0", "96607-7", "96608-5", "96609-3", "59576-9", "77606-2", "8289-1",
];

/// Components and the panels that contain them. Many servers find a component by the code of its panel only (O25).
const PANELS: &[(&str, &[&str])] = &[
    ("8480-6", &["85354-9", "55284-4"]),
    ("8462-4", &["85354-9", "55284-4"]),
    ("8478-0", &["85354-9", "55284-4", "96607-7"]),
    ("96608-5", &["96607-7"]),
    ("96609-3", &["96607-7"]),
    ("3150-6", &["59408-5", "2708-6"]),
    ("3151-8", &["59408-5", "2708-6"]),
];

/// One field of the EHR that a mapping line can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in mappings, such as `birthDate` or `29463-7`.
    pub name: String,
    /// The name for users, such as "Date of birth".
    pub label: String,
    /// The heading in a list of fields, such as "Vital signs".
    pub category: String,
    /// Other words that users type to find it, such as "DOB". Empty for a LOINC code that the table does not list.
    pub synonyms: Vec<String>,
    /// How the field is read.
    pub reader: Reader,
}

/// How a field is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The medical record number itself.
    RecordIdentifier,
    /// From the Patient, by the name of the field.
    Demographic(String),
    /// From Observations with one of these LOINC codes.
    Observation(Vec<String>),
    /// Entries of a list, which are saved together as one text.
    List(List),
}

/// The entries of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// Conditions of the problem list in one of these clinical states.
    Conditions(Vec<String>),
    /// Conditions that were diagnosed at a visit.
    Diagnoses,
    /// Prescriptions in one of these states.
    Medications(Vec<String>),
    /// Active medications that someone other than the prescriber reported, such as the patient.
    ReportedMedications,
    /// Active allergies and intolerances.
    Allergies,
    /// Completed immunizations.
    Immunizations,
}

impl Field {
    /// Whether its values have times, so that a date window applies to them.
    pub fn is_temporal(&self) -> bool {
        matches!(self.reader, Reader::Observation(_) | Reader::List(_))
    }

    /// Whether it is read from Observations, so that its values may have units.
    pub fn is_measured(&self) -> bool {
        matches!(self.reader, Reader::Observation(_))
    }

    /// Whether it is read from the Patient, so that [`crate::client::Client::patient`] can return it.
    pub fn is_demographic(&self) -> bool {
        matches!(self.reader, Reader::Demographic(_))
    }

    /// The FHIR resource type that contains it.
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

    /// The codes to search for: the codes of the field, then the codes of the panels that contain it.
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
    let synonyms =
        cells.next()?.split(", ").filter(|synonym| !synonym.is_empty()).map(str::to_owned).collect();
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
    Some(Field { name: name.into(), label: label.into(), category: category.into(), synonyms, reader })
}

/// The fields of `catalog.tsv`, in the order of the file.
pub fn fields() -> &'static [Field] {
    &FIELDS
}

/// The field with a name: a field of the table, or a LOINC code.
pub fn field(name: &str) -> Option<Field> {
    if let Some(field) = FIELDS.iter().find(|field| field.name == name) {
        return Some(field.clone());
    }
    is_loinc(name).then(|| Field {
        name: name.to_owned(),
        label: name.to_owned(),
        category: "Laboratory and vital signs".to_owned(),
        synonyms: Vec::new(),
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

/// The fields that a search text finds. Each word of the text must be in the name, the label, the category or a synonym;
/// letter case is ignored. Fields whose name, label or synonym is the whole text come first.
pub fn search(text: &str) -> Vec<&'static Field> {
    let text = text.trim().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let contains_all = |field: &&Field| {
        let all = [&field.name, &field.label, &field.category].into_iter().chain(&field.synonyms);
        let all = all.map(|one| one.to_lowercase()).collect::<Vec<_>>().join("\n");
        words.iter().all(|word| all.contains(word))
    };
    let mut found: Vec<&Field> = FIELDS.iter().filter(contains_all).collect();
    found.sort_by_key(|field| !has_name(field, &text));
    found
}

/// Whether a lowercase text is the name, the label or a synonym of a field.
fn has_name(field: &Field, lowercase: &str) -> bool {
    let names = [&field.name, &field.label].into_iter().chain(&field.synonyms);
    names.into_iter().any(|name| name.to_lowercase() == lowercase)
}

/// At most three fields that a wrong name in a mapping may mean: fields with this name, label or synonym, or else fields with a
/// similar name.
pub fn similar(name: &str) -> Vec<&'static Field> {
    const MOST: usize = 3;
    let lowercase = name.trim().to_lowercase();
    let named: Vec<&Field> = FIELDS.iter().filter(|field| has_name(field, &lowercase)).take(MOST).collect();
    if !named.is_empty() {
        return named;
    }
    let name = lowercase.replace(['_', ' '], "-");
    let is_similar = |field: &&Field| {
        let known = field.name.to_lowercase();
        let prefix = known.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let suffix = known.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).count();
        (prefix + suffix).min(known.len()) * 2 >= known.len().max(name.len())
    };
    FIELDS.iter().filter(is_similar).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_names_are_in_the_table() {
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
    fn a_code_with_a_label_is_read_like_any_other_code() {
        let category = |name: &str| field(name).unwrap().category;
        assert_eq!(category("2160-0"), "Laboratory");
        assert_eq!(category("72166-2"), "Social history");
        for labeled in fields().iter().filter(|field| is_loinc(&field.name)) {
            assert_eq!(labeled.reader, Reader::Observation(vec![labeled.name.clone()]));
            assert_ne!(labeled.label, labeled.name);
        }
        for code in VITAL_SIGNS {
            assert_eq!(category(code), "Vital signs", "{code}");
        }
        assert_eq!(category("1-8"), "Laboratory and vital signs", "a code without a label");
    }

    #[test]
    fn every_name_and_label_of_the_table_is_unique() {
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
    }

    #[test]
    fn similar_fields_are_found_for_an_unknown_name() {
        for (name, expected) in
            [("brithDate", "birthDate"), ("DOB", "birthDate"), ("Hgb", "718-7"), ("body weight", "29463-7")]
        {
            assert_eq!(similar(name)[0].name, expected, "{name}");
        }
        assert!(similar("xyz").is_empty());
    }

    #[test]
    fn the_words_that_users_type_find_the_right_field_first() {
        for (text, name) in [
            ("WBC", "6690-2"),
            ("white count", "6690-2"),
            ("RBC", "789-8"),
            ("Hgb", "718-7"),
            ("HgB", "718-7"),
            ("Hb", "718-7"),
            ("hemoglobin", "718-7"),
            ("Hct", "4544-3"),
            ("hematocrit", "4544-3"),
            ("A1c", "4548-4"),
            ("HbA1c", "4548-4"),
            ("PLT", "777-3"),
            ("platelet count", "777-3"),
            ("ANC", "751-8"),
            ("BP", "8480-6"),
            ("SBP", "8480-6"),
            ("DBP", "8462-4"),
            ("MAP", "8478-0"),
            ("HR", "8867-4"),
            ("pulse", "8867-4"),
            ("RR", "9279-1"),
            ("temp", "8310-5"),
            ("fever", "8310-5"),
            ("SpO2", "59408-5"),
            ("pulse ox", "59408-5"),
            ("O2 sat", "2708-6"),
            ("FiO2", "3150-6"),
            ("weight", "29463-7"),
            ("height", "8302-2"),
            ("BMI", "39156-5"),
            ("sugar", "2345-7"),
            ("blood sugar", "2345-7"),
            ("fasting sugar", "1558-6"),
            ("Na", "2951-2"),
            ("K", "2823-3"),
            ("CO2", "2028-9"),
            ("bicarb", "2028-9"),
            ("BUN", "3094-0"),
            ("Cr", "2160-0"),
            ("eGFR", "33914-3"),
            ("ALT", "1742-6"),
            ("SGOT", "1920-8"),
            ("alk phos", "6768-6"),
            ("bili", "1975-2"),
            ("cholesterol", "2093-3"),
            ("LDL", "2089-1"),
            ("HDL", "2085-9"),
            ("triglycerides", "2571-8"),
            ("lipids", "2093-3"),
            ("TSH", "3016-3"),
            ("INR", "6301-6"),
            ("PTT", "14979-9"),
            ("CRP", "1988-5"),
            ("sed rate", "4537-7"),
            ("BNP", "30934-4"),
            ("trop", "10839-9"),
            ("PSA", "2857-1"),
            ("B12", "2132-9"),
            ("UACR", "9318-7"),
            ("DOB", "birthDate"),
            ("MRN", "id"),
            ("ZIP code", "address-postalCode"),
            ("cell phone", "phone-mobile"),
            ("email", "email"),
            ("e-mail", "email"),
            ("meds", "active-medications-list"),
            ("problem list", "active-problem-list"),
            ("vaccines", "immunization-list"),
            ("smoking", "72166-2"),
        ] {
            assert_eq!(search(text).first().map(|field| field.name.as_str()), Some(name), "{text}");
        }
    }

    #[test]
    fn a_search_finds_only_fields_with_all_its_words_in_any_case() {
        let names =
            |text: &str| search(text).into_iter().map(|field| field.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(" CREATININE  urine "), ["2161-8", "9318-7"]);
        assert_eq!(names("creatinine xyz"), Vec::<&str>::new());
        assert_eq!(names("immunizations"), ["immunization-list"], "a category");
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
