//! Tokens of further pages differ from recording to recording, so each gets the number of the page it leads to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exchange::{Answer, Exchange, key};

const NAMES: &[&str] = &[
    "$skiptoken",
    "ContinuationToken",
    "Marker",
    "NextToken",
    "continue",
    "marker",
    "nextToken",
    "pageToken",
];

/// Shorter ones are numbers and names of resources, which mean the same every time.
const SHORTEST: usize = 20;

/// Rewrites the tokens of all page sequences, in the requests and in the answers that hand them out.
pub(super) fn number(exchanges: &mut [Exchange]) {
    for pages in sequences(exchanges) {
        let Some(mut at) = pages.iter().copied().find(|&page| token(&exchanges[page]).is_none()) else {
            continue;
        };
        let mut left: Vec<usize> = pages.into_iter().filter(|&page| page != at).collect();
        for page_number in 2.. {
            let next = left.iter().position(|&page| hands_out(&exchanges[at], token(&exchanges[page])));
            let Some(next) = next.map(|position| left.swap_remove(position)) else { break };
            let given = token(&exchanges[next]).unwrap_or_default().to_owned();
            let number = format!("page-{page_number}");
            if let Answer::Response(reply) = &mut exchanges[at].answer {
                reply.body = reply.body.replace(&given, &number);
            }
            for name in NAMES {
                if let Some(value) = exchanges[next].parameters.get_mut(*name) {
                    *value = Value::String(number.clone());
                }
            }
            at = next;
        }
    }
}

/// Exchanges that differ in their page alone.
fn sequences(exchanges: &[Exchange]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let mut sequences: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        let mut parameters = exchange.parameters.clone();
        parameters.retain(|name, _| !NAMES.contains(&name.as_str()));
        sequences.entry(key(&exchange.scope, &exchange.call, &parameters)).or_default().push(at);
    }
    sequences.into_values().filter(|pages| pages.len() > 1)
}

fn token(exchange: &Exchange) -> Option<&str> {
    NAMES.iter().find_map(|name| exchange.parameters.get(*name)?.as_str())
}

fn hands_out(exchange: &Exchange, token: Option<&str>) -> bool {
    let Answer::Response(reply) = &exchange.answer else { return false };
    token.is_some_and(|token| token.len() >= SHORTEST && reply.body.contains(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::transport::exchange::Reply;
    use crate::model::scope::Scope;

    fn page(token: Option<&str>, next: &str) -> Exchange {
        let parameters = token.map(|token| ("nextToken".to_owned(), Value::String(token.to_owned())));
        Exchange {
            call: "ecs:ListClusters".into(),
            scope: Scope::aws("111111111111", "us-west-1"),
            parameters: parameters.into_iter().collect(),
            answer: Answer::Response(Reply { status: 200, headers: BTreeMap::new(), body: next.to_owned() }),
        }
    }

    #[test]
    fn two_recordings_have_the_same_tokens() {
        let record = |second: &str, third: &str| {
            let mut pages = vec![
                page(Some(third), "end"),
                page(None, &format!(r#"{{"nextToken":"{second}"}}"#)),
                page(Some(second), &format!(r#"{{"nextToken":"{third}"}}"#)),
            ];
            number(&mut pages);
            pages
        };
        let one = record("0123456789abcdef01234", "abcdef0123456789abcde");
        assert_eq!(one, record("zzzzzzzzzzzzzzzzzzzzzzzzzz", "yyyyyyyyyyyyyyyyyyyyyyyyyy"));
        assert_eq!(one[0].parameters["nextToken"], "page-3");
        assert_eq!(one[1], page(None, r#"{"nextToken":"page-2"}"#));
    }
}
