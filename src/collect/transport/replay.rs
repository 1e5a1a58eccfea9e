//! Answers from a recording: by where, which call and with what, never by order. What is not there is a gap.

use std::collections::BTreeMap;
use std::path::Path;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::SeamError;
use super::exchange::{Answer, Exchange, Parameters, key};
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
        for account in std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()? {
            if !account.file_type()?.is_dir() {
                continue;
            }
            for region in std::fs::read_dir(account.path())? {
                for file in std::fs::read_dir(region?.path())? {
                    let exchange: Exchange = serde_json::from_slice(&std::fs::read(file?.path())?)?;
                    let key = key(&exchange.scope, &exchange.call, &exchange.parameters);
                    answers.insert(key, exchange.answer);
                }
            }
        }
        Ok(Self { header, answers })
    }

    pub(super) fn answer(
        &self,
        scope: &Scope,
        call: &Call,
        parameters: &Parameters,
    ) -> Result<HttpResponse, ConnectorError> {
        let answer = self.answers.get(&key(scope, call.id, parameters)).ok_or(SeamError::NotRecorded)?;
        match answer {
            Answer::TimedOut => Err(SeamError::TimedOut.into()),
            Answer::Unreachable(cause) => Err(SeamError::Unreachable(cause.clone()).into()),
            Answer::Response { status, headers, body } => {
                let status = (*status).try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
                let mut response = HttpResponse::new(status, SdkBody::from(body.as_str()));
                for (name, value) in headers {
                    response
                        .headers_mut()
                        .try_insert(name.clone(), value.clone())
                        .map_err(|error| ConnectorError::user(Box::new(error)))?;
                }
                Ok(response)
            }
        }
    }
}
