//! Files that are whole or not there: written beside their place, then renamed to it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use crate::failure::{Code, Failure, Outcome};

/// A file on its way. Dropped before `publish`, it leaves nothing behind.
pub struct AtomicFile {
    path: String,
    temporary: String,
    file: Option<File>,
    code: Code,
}

impl AtomicFile {
    /// Begins a file that will be at `path`; makes its folders when they are missing.
    pub fn create(path: &str, code: Code) -> Outcome<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        let temporary = format!("{folder}/.{name}.{}.tmp", unique());
        let open = || OpenOptions::new().write(true).create_new(true).open(&temporary);
        let file = open().or_else(|error| match error.kind() {
            ErrorKind::NotFound => std::fs::create_dir_all(folder).and_then(|()| open()),
            _ => Err(error),
        });
        let file = file.map_err(|error| Failure::io(code, "write", path, &error))?;
        Ok(Self { path: path.to_string(), temporary, file: Some(file), code })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        let written = match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => Err(ErrorKind::BrokenPipe.into()),
        };
        written.map_err(|error| Failure::io(self.code, "write", &self.path, &error))
    }

    /// Puts the file in its place. When `is_durable`, it survives a loss of power from here on.
    pub fn publish(mut self, is_durable: bool) -> Outcome<()> {
        let synced = match self.file.take() {
            Some(file) if is_durable => file.sync_all(),
            _ => Ok(()),
        };
        let published = synced.and_then(|()| std::fs::rename(&self.temporary, &self.path));
        let published = published.and_then(|()| match is_durable {
            true => sync_folder(&self.path),
            false => Ok(()),
        });
        published.map_err(|error| Failure::io(self.code, "write", &self.path, &error))
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        // After `publish` there is no such file any more.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// A word that no other file has, on no machine: in a container the next process often has the same
/// number, and finds what one left that was killed.
fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static BEGAN: OnceLock<u128> = OnceLock::new();
    let now = || UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{:x}-{count}", std::process::id(), BEGAN.get_or_init(now))
}

fn sync_folder(path: &str) -> std::io::Result<()> {
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
