//! Where reports go: stdout, or a file that is there in full or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Context as _;

use super::context::Context;
use super::trouble::Trouble;
use crate::model::run::Run;
use crate::report::{self, FORMATS, Format};

/// What `--help` says of `--output`.
pub(super) static HELP: LazyLock<String> = LazyLock::new(|| {
    let about = FORMATS.iter().map(|format| format!("\n- {}: {}", format.id, format.about));
    let all: String = about.collect();
    format!("Write a report, to stdout or to a file; may be repeated [default: table]{all}")
});

/// One `--output FORMAT[=FILE]`.
#[derive(Clone, Debug)]
pub(super) struct Output {
    format: &'static Format,
    to: Destination,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Destination {
    Stdout,
    File(PathBuf),
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, to) = text.split_once('=').map_or((text, None), |(id, file)| (id, Some(file)));
        let format = report::format(id).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
            format!("there is no format {id:?}; there are {}", known.join(", "))
        })?;
        let to = match to {
            None | Some("-") => Destination::Stdout,
            Some("") => return Err(format!("after {id}= comes a file; {id} alone goes to stdout")),
            Some(file) => Destination::File(file.into()),
        };
        Ok(Self { format, to })
    }
}

impl Output {
    fn table() -> Self {
        Self { format: report::format("table").expect("it is there"), to: Destination::Stdout }
    }
}

/// What was asked for, or the table; an error where two would mix. Asked before anything is collected.
pub(super) fn plan(asked: &[Output]) -> anyhow::Result<Vec<Output>> {
    if asked.is_empty() {
        return Ok(vec![Output::table()]);
    }
    for (n, output) in asked.iter().enumerate() {
        if asked[..n].iter().any(|earlier| earlier.to == output.to) {
            let to = match &output.to {
                Destination::Stdout => "stdout".to_owned(),
                Destination::File(path) => path.display().to_string(),
            };
            let trouble = Trouble::usage(format!("more than one report would go to {to}"))
                .help("give all but one a file: --output json=report.json");
            return Err(trouble.into());
        }
    }
    Ok(asked.to_vec())
}

/// Writes the run to all of them, files first: a reader of stdout who leaves early takes nothing with him. One that
/// can't be written keeps none of the others back.
pub(super) fn write(run: &Run, outputs: &[Output], context: &Context) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for Output { format, to } in outputs {
        if let Destination::File(path) = to {
            let written = to_file(path, |out| (format.with)(context.style_of_file()).write(run, out));
            failed.extend(written.err());
        }
    }
    for Output { format, .. } in outputs.iter().filter(|output| output.to == Destination::Stdout) {
        failed.extend(to_stdout(|out| (format.with)(context.style()).write(run, out)).err());
    }
    match failed.len() {
        0 | 1 => failed.pop().map_or(Ok(()), Err),
        many => {
            let all: Vec<String> = failed.iter().map(|error| format!("{error:#}")).collect();
            let trouble = Trouble::usage(format!("{many} reports can't be written:\n{}", all.join("\n")));
            Err(trouble.help("name files in folders that are there and may be written to").into())
        }
    }
}

/// Writes to stdout. A reader that went away has read what it wanted: no error.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("can't write to stdout")
        }
        _ => Ok(()),
    }
}

/// Writes a file beside the place and moves it there when it is whole: what was there stays until then.
pub(super) fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let result = match fs::metadata(path) {
        // A pipe or a device can't be replaced, and needn't be.
        Ok(there) if !there.is_file() && !there.is_dir() => {
            OpenOptions::new().write(true).open(path).and_then(|file| fill(file, write))
        }
        _ => replace(path, write),
    };
    result.map_err(|error| {
        let help = match error.kind() {
            // The format has no room for such a run, wherever it is written.
            io::ErrorKind::Unsupported => "ask for another format",
            _ => "name a file in a folder that is there and may be written to",
        };
        Trouble::usage(format!("can't write {}", path.display())).because(error).help(help).into()
    })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A link stays a link; the file it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
    let partial = path.with_file_name(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id()));
    let done =
        File::create(&partial).and_then(|file| fill(file, write)).and_then(|()| fs::rename(&partial, &path));
    if done.is_err() {
        // The first error is the one to tell; a partial file that is not there needs no removal.
        let _ = fs::remove_file(&partial);
    }
    done
}

fn fill(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    let file = out.into_inner()?;
    // On the disk before it is in its place, or a power cut leaves an empty file under the report's name.
    match file.sync_all() {
        // A pipe or a device has no disk below it.
        Err(error) if !file.metadata()?.is_file() => drop(error),
        synced => synced?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(texts: &[&str]) -> Vec<Output> {
        texts.iter().map(|text| text.parse().expect("an output")).collect()
    }

    #[test]
    fn a_format_goes_to_stdout_or_a_file() {
        for (text, to) in [
            ("json", Destination::Stdout),
            ("json=-", Destination::Stdout),
            ("json=a=b.json", Destination::File("a=b.json".into())),
        ] {
            let output: Output = text.parse().expect("an output");
            assert_eq!((output.format.id, &output.to), ("json", &to));
        }
        for text in ["yaml", "json=", ""] {
            assert!(text.parse::<Output>().is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_asked_is_the_table() {
        let planned = plan(&[]).expect("fine");
        assert_eq!((planned[0].format.id, &planned[0].to), ("table", &Destination::Stdout));
    }

    #[test]
    fn two_reports_never_mix() {
        assert!(plan(&outputs(&["table", "json"])).is_err());
        assert!(plan(&outputs(&["table=x", "json=x"])).is_err());
        assert!(plan(&outputs(&["table", "json=x"])).is_ok());
    }

    #[test]
    fn a_file_is_whole_or_untouched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        to_file(&path, |out| out.write_all(b"one")).expect("written");
        let broken = to_file(&path, |out| {
            out.write_all(b"tw")?;
            Err(io::Error::other("the disk is full"))
        });
        let error = broken.expect_err("it broke");
        assert!(format!("{error:#}").contains("report.json: the disk is full"), "{error:#}");
        assert_eq!(fs::read(&path).expect("there"), b"one");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("no/report.json");
        let error = to_file(&path, |out| out.write_all(b"one")).expect_err("nowhere to write");
        assert!(error.to_string().contains("no/report.json"), "{error}");
    }
}
