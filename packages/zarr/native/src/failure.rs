//! What can go wrong: a stable code and a sentence. Rust never builds a JavaScript error itself;
//! `errors.ts` makes one from this.

use serde::Serialize;

/// The failure codes that `errors.ts` knows; docs/reference/errors.md says what to do about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    ZarrMetadata,
    ZarrBounds,
    ZarrChunk,
    ZarrMissingChunk,
    ZarrDtype,
    ZarrIo,
    ZarrInternal,
    SafetensorsHeader,
    SafetensorsDtype,
    SafetensorsIo,
}

/// One failure. `message` is a sentence that says what was expected, what came, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    pub code: Code,
    pub message: String,
    /// Array folder, or file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Grid indices of the inner chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk: Option<Vec<u64>>,
    /// Worth one more try: a stale handle or a hiccup of network storage.
    #[serde(skip)]
    pub is_transient: bool,
    /// The caller asked for the work to stop.
    pub aborted: bool,
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            message,
            path: String::new(),
            chunk: None,
            is_transient: false,
            aborted: false,
        }
    }

    pub fn aborted() -> Self {
        Self { aborted: true, ..Self::new(Code::ZarrIo, "the read or write was aborted") }
    }

    /// An operating system error on `path`, while doing `verb` ("read", "write").
    pub fn io(code: Code, verb: &str, path: &str, error: &std::io::Error) -> Self {
        let stale = [libc::ESTALE, libc::EIO, libc::EAGAIN, libc::EINTR, libc::ETIMEDOUT];
        let is_transient = error.raw_os_error().is_some_and(|errno| stale.contains(&errno));
        let message = format!("could not {verb} {path}: {error}");
        Self { is_transient, path: path.to_string(), ..Self::new(code, message) }
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.message.clone())
    }
}
