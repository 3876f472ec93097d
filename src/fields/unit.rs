//! Units: how they are compared, and exact conversions.

use crate::fhir::{
    Json,
    coding::{System, is_of},
    number,
};

/// Digits after the decimal point when the decimal of a converted value does not end.
const ROUNDED_DIGITS: u32 = 6;

/// The unit of a quantity in the form in which units are compared: the UCUM code when the quantity names UCUM, else the text of the
/// unit, else its code. It is empty for a quantity without a unit.
pub fn compared_unit(quantity: &Json) -> String {
    let text = |name: &str| quantity.get(name).text().map(str::trim).filter(|text| !text.is_empty());
    let ucum = text("code").filter(|_| is_of(quantity, System::UCUM));
    ucum.or_else(|| text("unit")).or_else(|| text("code")).unwrap_or_default().to_owned()
}

/// A conversion from a unit to the base unit of its kind: `(value + offset) * numerator / denominator`.
struct UnitConversion {
    unit: &'static str,
    kind: &'static str,
    numerator: i128,
    denominator: i128,
    offset: i128,
}

/// By definition: 1 \[lb_av\] is 0.45359237 kg, 1 \[in_i\] is 2.54 cm, 0 Cel is 32 \[degF\].
const CONVERSIONS: [UnitConversion; 7] = [
    UnitConversion { unit: "g", kind: "mass", numerator: 1, denominator: 1, offset: 0 },
    UnitConversion { unit: "kg", kind: "mass", numerator: 1000, denominator: 1, offset: 0 },
    UnitConversion { unit: "[lb_av]", kind: "mass", numerator: 45_359_237, denominator: 100_000, offset: 0 },
    UnitConversion { unit: "cm", kind: "length", numerator: 1, denominator: 1, offset: 0 },
    UnitConversion { unit: "[in_i]", kind: "length", numerator: 254, denominator: 100, offset: 0 },
    UnitConversion { unit: "Cel", kind: "temperature", numerator: 1, denominator: 1, offset: 0 },
    UnitConversion { unit: "[degF]", kind: "temperature", numerator: 5, denominator: 9, offset: -32 },
];

/// Converts a number from one unit to another; `None` without an exact conversion between them, or when the number has too many
/// digits. The result is exact. A decimal that does not end is rounded to six digits after the point, halves away from zero.
pub fn convert(number: &str, from: &str, to: &str) -> Option<String> {
    let known = |unit: &str| CONVERSIONS.iter().find(|known| known.unit == unit);
    let (from, to) = (known(from)?, known(to)?);
    if from.kind != to.kind || from.unit == to.unit {
        return None;
    }
    // The value is numerator / denominator.
    let (mut numerator, mut denominator) = number::fraction(number)?;
    numerator = numerator.checked_add(from.offset.checked_mul(denominator)?)?;
    numerator = numerator.checked_mul(from.numerator)?.checked_mul(to.denominator)?;
    denominator = denominator.checked_mul(from.denominator)?.checked_mul(to.numerator)?;
    numerator = numerator.checked_sub(to.offset.checked_mul(denominator)?)?;
    number::decimal(numerator, denominator, ROUNDED_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_compared_by_their_ucum_code_else_by_their_text() {
        for (json, unit) in [
            (r#"{"unit": "pounds", "system": "http://unitsofmeasure.org", "code": "[lb_av]"}"#, "[lb_av]"),
            (r#"{"unit": "pounds", "system": "https://UnitsOfMeasure.org/", "code": "[lb_av]"}"#, "[lb_av]"),
            (
                r#"{"unit": "pounds", "system": "urn:oid:2.16.840.1.113883.6.8", "code": "[lb_av]"}"#,
                "[lb_av]",
            ),
            (r#"{"unit": "pounds", "system": "urn:local", "code": "17"}"#, "pounds"),
            (r#"{"unit": "pounds", "code": "17"}"#, "pounds"),
            (r#"{"unit": "kg", "system": "http://unitsofmeasure.org"}"#, "kg"),
            (r#"{"unit": " kg "}"#, "kg"),
            (r#"{"system": "urn:local", "code": "17"}"#, "17"),
            (r#"{"unit": ""}"#, ""),
            ("{}", ""),
        ] {
            assert_eq!(compared_unit(&Json::parse(json).unwrap()), unit, "{json}");
        }
    }

    #[test]
    fn a_conversion_is_exact_and_rounds_only_a_decimal_that_does_not_end() {
        for (number, from, to, result) in [
            ("1", "[lb_av]", "kg", Some("0.45359237")),
            ("176", "[lb_av]", "kg", Some("79.83225712")),
            ("176.0", "[lb_av]", "g", Some("79832.25712")),
            ("81.50", "kg", "g", Some("81500")),
            ("3450", "g", "kg", Some("3.45")),
            ("0.45359237", "kg", "[lb_av]", Some("1")),
            ("80", "kg", "[lb_av]", Some("176.369810")),
            ("70", "[in_i]", "cm", Some("177.8")),
            ("2.54", "cm", "[in_i]", Some("1")),
            ("1", "cm", "[in_i]", Some("0.393701")),
            ("98.6", "[degF]", "Cel", Some("37")),
            ("98.7", "[degF]", "Cel", Some("37.055556")),
            ("31.9", "[degF]", "Cel", Some("-0.055556")),
            ("-40", "Cel", "[degF]", Some("-40")),
            ("37.05", "Cel", "[degF]", Some("98.69")),
            ("1.76e2", "[lb_av]", "kg", Some("79.83225712")),
            ("0", "[lb_av]", "kg", Some("0")),
            ("96.90476228975749", "[lb_av]", "kg", Some("43.9552607912977266143513")),
            ("12345678901234567890", "g", "kg", Some("12345678901234567.89")),
            ("123456789012345678901", "g", "kg", None),
            ("80", "kg", "kg", None),
            ("80", "kg", "cm", None),
            ("80", "kg", "lb", None),
            ("80", "", "kg", None),
            ("1e400", "kg", "g", None),
            ("x", "kg", "g", None),
        ] {
            assert_eq!(convert(number, from, to).as_deref(), result, "{number} {from} {to}");
        }
    }
}
