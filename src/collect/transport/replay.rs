//! Answers from a recording: by where, which call and with what, never by order. What is not there is a gap.

use std::collections::BTreeMap;
use std::path::Path;

use super::SeamError;
use super::exchange::{Answer, Exchange, Parameters, Reply, key};
use super::record::{HEADER, TapeHeader};
use crate::collect::target::TapeError;
use crate::model::call::Call;
use crate::model::scope::Scope;

/// A recording in memory.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(crate) header: TapeHeader,
    answers: BTreeMap<String, Answer>,
}

impl Tape {
    pub(crate) fn read(folder: &Path) -> Result<Self, TapeError> {
        let header = serde_json::from_slice(&std::fs::read(folder.join(HEADER))?)?;
        let mut answers = BTreeMap::new();
        // `<account>/<region>/…` of AWS, `azure/<subscription>/…`, `kubernetes/<server>/…` of a cluster.
        for outer in std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()? {
            if !outer.file_type()?.is_dir() {
                continue;
            }
            for inner in std::fs::read_dir(outer.path())? {
                for file in std::fs::read_dir(inner?.path())? {
                    let exchange: Exchange = serde_json::from_slice(&std::fs::read(file?.path())?)?;
                    let key = key(&exchange.scope, &exchange.call, &exchange.parameters);
                    answers.insert(key, exchange.answer);
                }
            }
        }
        Ok(Self { header, answers })
    }

    /// What was answered to this question.
    pub(super) fn answer(
        &self,
        scope: &Scope,
        call: &Call,
        parameters: &Parameters,
    ) -> Result<&Reply, SeamError> {
        self.answers.get(&key(scope, call.id, parameters)).ok_or(SeamError::NotRecorded)?.reply()
    }
}
