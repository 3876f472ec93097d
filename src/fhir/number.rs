//! Numbers as text: compared exactly, and written as PHP with `precision=14` would.

use std::cmp::Ordering;

/// Whether text is a JSON number.
pub fn is_number(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    body.starts_with(|c: char| c.is_ascii_digit()) && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// The value of a JSON number that is whole and not negative, such as `3` or `3.0`.
pub fn whole(text: &str) -> Option<u64> {
    let Parts { negative, mut digits, magnitude } = parts(text);
    let length = usize::try_from(magnitude).ok().filter(|length| *length <= 19);
    match length {
        _ if digits.is_empty() => Some(0),
        Some(length) if !negative && digits.len() <= length => {
            digits.resize(length, b'0');
            std::str::from_utf8(&digits).ok()?.parse().ok()
        }
        _ => None,
    }
}

/// The parts of a decimal: its sign, its digits without leading and trailing zeros, and the power of ten of the first digit.
struct Parts {
    negative: bool,
    digits: Vec<u8>,
    magnitude: i64,
}

fn parts(text: &str) -> Parts {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let (mantissa, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    // An exponent beyond 64 bits is replaced by a very large one, which keeps the order of numbers.
    let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') {
        i64::MIN / 2
    } else {
        i64::MAX / 2
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let leading = all.iter().take_while(|digit| **digit == b'0').count();
    let mut digits = all[leading..].to_vec();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let whole_length = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4);
    let magnitude = exponent.saturating_add(whole_length - i64::try_from(leading).unwrap_or(0));
    Parts { negative: negative && !digits.is_empty(), digits, magnitude }
}

/// Compares two JSON numbers by their decimal values, without rounding.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    let absolute = |a: &Parts, b: &Parts| match (a.digits.is_empty(), b.digits.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.magnitude.cmp(&b.magnitude).then_with(|| a.digits.cmp(&b.digits)),
    };
    match (a.negative, b.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => absolute(&a, &b),
        (true, true) => absolute(&b, &a),
    }
}

/// A JSON number as a numerator and a denominator that is a power of ten; `None` for another text, or for a number with too many
/// digits for exact calculation.
pub fn fraction(text: &str) -> Option<(i128, i128)> {
    if !is_number(text) {
        return None;
    }
    let Parts { negative, digits, magnitude } = parts(text);
    let fraction_digits = i64::try_from(digits.len()).ok()?.checked_sub(magnitude)?;
    if digits.len() > 20 || !(-18..=18).contains(&fraction_digits) && !digits.is_empty() {
        return None;
    }
    let whole = digits.iter().fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let whole = if negative { -whole } else { whole };
    if digits.is_empty() {
        return Some((0, 1));
    }
    let power = 10i128.pow(u32::try_from(fraction_digits.unsigned_abs()).ok()?);
    Some(if fraction_digits < 0 { (whole * power, 1) } else { (whole, power) })
}

/// The decimal of `numerator / denominator`: exact if it ends, else rounded to `digits` after the point, halves away from zero.
/// The denominator must be positive; `None` when an intermediate number is too large.
pub fn decimal(numerator: i128, denominator: i128, digits: u32) -> Option<String> {
    let divisor = common_divisor(numerator.abs(), denominator);
    let (numerator, denominator) = (numerator / divisor, denominator / divisor);
    let (twos, rest) = without_factor(denominator, 2);
    let (fives, rest) = without_factor(rest, 5);
    let ends = rest == 1;
    let digits = if ends { twos.max(fives) } else { digits };
    let power = 10i128.checked_pow(digits)?;
    let rounded = if ends {
        numerator.abs().checked_mul(power / denominator)?
    } else {
        let scaled = numerator.abs().checked_mul(power)?;
        let (whole, rest) = (scaled / denominator, scaled % denominator);
        if rest >= denominator - rest { whole + 1 } else { whole }
    };
    let text = format!("{rounded:0>width$}", width = digits as usize + 1);
    let (before, after) = text.split_at(text.len() - digits as usize);
    let sign = if numerator < 0 && rounded != 0 { "-" } else { "" };
    Some(if after.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") })
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.max(1) } else { common_divisor(b, a % b) }
}

/// How many times a number can be divided by a factor, and the result.
fn without_factor(mut number: i128, factor: i128) -> (u32, i128) {
    let mut times = 0;
    while number % factor == 0 {
        number /= factor;
        times += 1;
    }
    (times, number)
}

/// The text of a number after PHP's `json_decode` and `(string)` with the ini setting `precision=14`, as REDCap stores it. A whole
/// number within 64 bits keeps its digits.
pub fn php14(text: &str) -> String {
    if !text.contains(['.', 'e', 'E']) && text.parse::<i64>().is_ok() {
        // PHP reads -0 as the integer 0.
        return if text == "-0" { "0".to_owned() } else { text.to_owned() };
    }
    let Ok(value) = text.parse::<f64>() else { return text.to_owned() };
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
    }
    if value.is_infinite() {
        return if value > 0.0 { "INF".to_owned() } else { "-INF".to_owned() };
    }
    let scientific = format!("{value:.13e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if value < 0.0 { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // PHP shortens a whole number of 15 digits to 14 and keeps the zeros that are then at its end.
    let cut = exponent == 14 && value.fract() == 0.0 && rounds_down(value.abs());
    let digits = if cut { digits.as_str() } else { digits.trim_end_matches('0') };
    format!("{sign}{}", layout(digits, exponent))
}

/// Whether a whole number of 15 digits loses its last digit, and that digit is not zero.
fn rounds_down(value: f64) -> bool {
    let whole = value as u64;
    let (head, last) = (whole / 10, whole % 10);
    last != 0 && (last < 5 || (last == 5 && head % 2 == 0))
}

/// The form of C's `%G`, but with an exponent as PHP writes it: `1.0E+25`.
fn layout(digits: &str, exponent: i32) -> String {
    if !(-4..14).contains(&exponent) {
        let (head, tail) = digits.split_at(1);
        let tail = if tail.is_empty() { "0" } else { tail };
        return format!("{head}.{tail}E{exponent:+}");
    }
    let point = usize::try_from(exponent + 1).unwrap_or(0);
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0)));
    }
    if digits.len() <= point {
        return format!("{digits}{}", "0".repeat(point - digits.len()));
    }
    format!("{}.{}", &digits[..point], &digits[point..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_number_is_read_in_every_form() {
        for (text, number) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("1.2e1", Some(12)),
            ("1e3", Some(1000)),
            ("1.5", None),
            ("-3", None),
            ("1e400", None),
            ("0.5", None),
        ] {
            assert_eq!(whole(text), number, "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        for (a, b, order) in [
            ("1.0", "1", Ordering::Equal),
            ("1E2", "100.00", Ordering::Equal),
            ("-0.0", "0", Ordering::Equal),
            ("12345678901234567890", "12345678901234567891", Ordering::Less),
            ("-2", "-1.5", Ordering::Less),
            ("0.000001230", "1.23e-6", Ordering::Equal),
            ("9", "10", Ordering::Less),
            ("0.09", "0.1", Ordering::Less),
        ] {
            assert_eq!(compare(a, b), order, "{a} {b}");
            assert_eq!(compare(b, a), order.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn php14_is_what_php_writes() {
        // Each pair was printed by PHP 8.2 with precision=14: (string)json_decode($text).
        for (text, php) in [
            ("0.00012345", "0.00012345"),
            ("0.000012345", "1.2345E-5"),
            ("1e14", "1.0E+14"),
            ("123456789012345.0", "1.2345678901234E+14"),
            ("12345678901234.0", "12345678901234"),
            ("99999999999999.9", "1.0E+14"),
            ("1.5e-7", "1.5E-7"),
            ("1E2", "100"),
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.0", "-0"),
            ("12345678901234567890", "1.2345678901235E+19"),
            ("1e400", "INF"),
            ("1e-400", "0"),
            ("96.90476228975749", "96.904762289757"),
            ("5.10", "5.1"),
            ("0.000001230", "1.23E-6"),
            ("-1.50", "-1.5"),
        ] {
            assert_eq!(php14(text), php, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_of_a_fraction_is_the_number(a in -1_000_000_000i64..1_000_000_000, scale in 0usize..9) {
            let text = format!("{a}e-{scale}");
            let (top, bottom) = fraction(&text).unwrap();
            prop_assert_eq!(compare(&decimal(top, bottom, 6).unwrap(), &text), Ordering::Equal);
        }

        #[test]
        fn the_order_is_that_of_the_values(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, scale in 0usize..6) {
            let text = |n: i64| format!("{n}e-{scale}");
            prop_assert_eq!(compare(&text(a), &text(b)), a.cmp(&b));
        }

        #[test]
        fn php14_of_a_short_decimal_is_its_value(a in -1_000_000i64..1_000_000) {
            let text = php14(&format!("{}.{:03}", a / 1000, (a % 1000).abs()));
            prop_assert_eq!(text.parse::<f64>().unwrap().abs(), (a.abs() as f64) / 1000.0);
        }
    }
}
