//! The wildcards of policies: `*` is any text, `?` any one character.

/// Whether the whole text fits the pattern, case and all.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stood, and how much text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether an action fits the pattern: `ECR:batchget*` is `ecr:BatchGetImage` too.
pub(crate) fn fits_action(pattern: &str, action: &str) -> bool {
    fits(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_take_any_text_or_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab", "aab", true),
            (
                "arn:aws:ecr:*:111111111111:repository/app/*",
                "arn:aws:ecr:us-west-1:111111111111:repository/app/x",
                true,
            ),
            (
                "arn:aws:ecr:*:111111111111:repository/app",
                "arn:aws:ecr:us-west-1:111111111111:repository/app/x",
                false,
            ),
            ("Arn:*", "arn:aws", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn actions_know_no_case() {
        assert!(fits_action("ECR:batchget*", "ecr:BatchGetImage"));
        assert!(!fits_action("ecr:Put*", "ecr:BatchGetImage"));
    }
}
