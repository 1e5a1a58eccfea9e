//! Where reports go: stdout, or a file that is there in full or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::context::Context;
use super::trouble::Trouble;
use crate::model::run::Run;
use crate::report::{self, FORMATS, Format};

/// So many links may lead from one to the next.
const LINKS: usize = 40;

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

impl Destination {
    /// Whether both are one place, however their paths are spelled.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stdout, Self::Stdout) => true,
            (Self::File(one), Self::File(other)) => {
                let place = |path: &PathBuf| place(path).unwrap_or_else(|_| path.clone());
                one == other || place(one) == place(other)
            }
            _ => false,
        }
    }
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
            // By its own file it would be replaced, with all that others wrote there.
            None | Some("-" | "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => Destination::Stdout,
            Some("") => return Err(format!("after {id}= comes a file; {id} alone goes to stdout")),
            Some(file) if file.ends_with('/') => {
                return Err(format!("{file} names a folder, and no file in it"));
            }
            Some(file) if is_stdout(Path::new(file)) => Destination::Stdout,
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
        if asked[..n].iter().any(|earlier| earlier.to.is(&output.to)) {
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
            Err(unwritten("can't write to stdout", error, "have it in a file: --output FORMAT=FILE"))
        }
        _ => Ok(()),
    }
}

fn unwritten(what: &str, error: io::Error, otherwise: &str) -> anyhow::Error {
    let help = match error.kind() {
        // The format has no room for such a run, wherever it is written.
        io::ErrorKind::Unsupported => "ask for another format",
        _ => otherwise,
    };
    Trouble::usage(what).because(error).help(help).into()
}

/// Writes a file beside the place and moves it there when it is whole: what was there stays until then.
pub(super) fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let result = match fs::metadata(path) {
        // A pipe or a device can't be replaced, and needn't be; an open file is the business of whoever opened it.
        Ok(there) if opened(path) || (!there.is_file() && !there.is_dir()) => {
            OpenOptions::new().append(true).open(path).and_then(|file| fill(file, write))
        }
        _ => replace(path, write),
    };
    result.map_err(|error| {
        let help = "name a file in a folder that is there and may be written to";
        unwritten(&format!("can't write {}", path.display()), error, help)
    })
}

/// Whether this names what a process has open, by the number it goes by there, or leads to such a name.
fn opened(path: &Path) -> bool {
    let named = |path: &Path| ["/dev/fd", "/dev/stderr", "/proc"].iter().any(|it| path.starts_with(it));
    steps(path).any(|path| named(&path))
}

/// Whether a path leads to what stdout was redirected to, by a link or by its own name.
#[cfg(unix)]
fn is_stdout(path: &Path) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let (Ok(there), Ok(stdout)) = (fs::metadata(path), fs::metadata("/dev/stdout")) else { return false };
    // Not a device: /dev/null takes any number of reports.
    let one = there.is_file() || there.file_type().is_fifo();
    one && (there.dev(), there.ino()) == (stdout.dev(), stdout.ino())
}

#[cfg(not(unix))]
fn is_stdout(_: &Path) -> bool {
    false
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = place(path)?;
    let (file, partial) = partial(&path)?;
    let done = keep_mode(&path, &file).and_then(|()| fill(file, write));
    let done = done.and_then(|()| fs::rename(&partial, &path));
    if done.is_err() {
        // The first error is the one to tell; a partial file that is not there needs no removal.
        let _ = fs::remove_file(&partial);
    }
    done
}

/// The file that a path leads to, by its folder's one name, whether it is there or not. A link stays a link.
fn place(path: &Path) -> io::Result<PathBuf> {
    let path = steps(path).last().unwrap_or_else(|| path.to_owned());
    if path.is_symlink() {
        return Err(io::Error::other("this leads from link to link"));
    }
    let name = path.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
    Ok(fs::canonicalize(folder(&path))?.join(name))
}

/// A path, and what it leads to from link to link.
fn steps(path: &Path) -> impl Iterator<Item = PathBuf> {
    let next = |path: &PathBuf| Some(folder(path).join(fs::read_link(path).ok()?));
    std::iter::successors(Some(path.to_owned()), next).take(LINKS)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file beside the place. What is already there by such a name is not ours: a link would lead us away.
fn partial(path: &Path) -> io::Result<(File, PathBuf)> {
    const TRIES: u32 = 100;
    let name = path.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
    let mut tried = 0;
    loop {
        let own = format!(".{}.{}.{tried}.partial", name.to_string_lossy(), std::process::id());
        let partial = path.with_file_name(own);
        match OpenOptions::new().write(true).create_new(true).open(&partial) {
            // Of a process that was killed, and went by the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < TRIES => tried += 1,
            opened => return opened.map(|file| (file, partial)),
        }
    }
}

/// Who may read the file that is there may read the one in its place, and nobody else.
fn keep_mode(path: &Path, file: &File) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.permissions() != file.metadata()?.permissions() => {
            file.set_permissions(there.permissions())
        }
        _ => Ok(()),
    }
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
            ("json=/dev/stdout", Destination::Stdout),
            ("json=/dev/fd/1", Destination::Stdout),
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
        assert!(plan(&outputs(&["table", "json=/dev/stdout"])).is_err());

        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("made");
        let at = |format: &str, path: &str| format!("{format}={}/{path}", folder.path().display());
        for (spelled, same) in
            [("a/x", true), ("./a/x", true), ("a/../a/x", true), ("x", false), ("a/y", false)]
        {
            let both = [at("table", "a/x"), at("json", spelled)];
            assert_eq!(plan(&outputs(&both.each_ref().map(String::as_str))).is_err(), same, "{spelled}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_mode_and_its_links() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("report"), "old").expect("written");
        fs::set_permissions(at("report"), fs::Permissions::from_mode(0o600)).expect("set");
        symlink("report", at("link")).expect("linked");
        symlink("not-yet", at("dangling")).expect("linked");
        symlink("loop", at("loop")).expect("linked");
        assert!(
            plan(
                &[at("report"), at("link")]
                    .map(|path| Output { to: Destination::File(path), ..Output::table() })
            )
            .is_err()
        );

        for (name, file) in [("report", "report"), ("link", "report"), ("dangling", "not-yet")] {
            to_file(&at(name), |out| out.write_all(name.as_bytes())).expect("written");
            assert_eq!(fs::read_to_string(at(file)).expect("there"), name);
        }
        for link in ["link", "dangling"] {
            assert!(at(link).is_symlink(), "{link}");
        }
        let mode = fs::metadata(at("report")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        to_file(&at("loop"), |out| out.write_all(b"new")).expect_err("it leads nowhere");
    }

    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("victim"), "mine").expect("written");
        let planted = at(&format!(".report.{}.0.partial", std::process::id()));
        std::os::unix::fs::symlink("victim", &planted).expect("linked");
        to_file(&at("report"), |out| out.write_all(b"new")).expect("written");
        assert_eq!(fs::read(at("report")).expect("there"), b"new");
        assert_eq!(fs::read(at("victim")).expect("there"), b"mine");
        assert!(planted.is_symlink(), "it is not ours to remove");
    }

    #[test]
    fn a_format_that_takes_no_such_run_is_told_wherever_it_goes() {
        let refused = || Err(io::Error::new(io::ErrorKind::Unsupported, "no room"));
        let folder = tempfile::tempdir().expect("a folder");
        let errors = [to_stdout(|_| refused()), to_file(&folder.path().join("x"), |_| refused())];
        for error in errors.map(|done| done.expect_err("refused")) {
            let trouble = error.downcast_ref::<Trouble>().expect("it says what to do");
            assert!(format!("{trouble:?}").contains("ask for another format"), "{trouble:?}");
        }
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
