//! How old a snapshot may be, as people write it: `90m`, `24h`, `7d`.

use chrono::TimeDelta;

/// A number and one of s, m, h, d, w.
pub(super) fn parse(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("{text:?} is no age; write a number and one of s, m, h, d, w: 24h, 7d");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number: i64 =
        text.strip_suffix(unit).and_then(|n| n.parse().ok()).filter(|n| *n >= 0).ok_or_else(wrong)?;
    let age = match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    };
    age.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("90m"), Ok(TimeDelta::minutes(90)));
        assert_eq!(parse("24h"), Ok(TimeDelta::days(1)));
        assert_eq!(parse("2w"), parse("14d"));
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "h", "24", "-1h", "1.5h", "24 h", "24é", "99999999999999999w"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
