//! `json`: the run as it is, `stacks-audit/report/v1`. The other formats are projections of this one.

use std::io;

use super::Report;
use crate::model::run::Run;

pub(super) struct Json;

impl Report for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, run)?;
        out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn reads_back_as_the_same_run() {
        let run = sample::run();
        let mut bytes = Vec::new();
        Json.write(&run, &mut bytes).expect("memory takes every byte");
        assert_eq!(serde_json::from_slice::<Run>(&bytes).expect("own output"), run);
    }

    #[test]
    fn same_run_same_bytes() {
        let written = || {
            let mut bytes = Vec::new();
            Json.write(&sample::run(), &mut bytes).expect("memory takes every byte");
            bytes
        };
        assert_eq!(written(), written());
    }
}
