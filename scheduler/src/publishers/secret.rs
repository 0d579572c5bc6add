//! Secrets and addresses of receivers: a secret stands in an environment variable or a file, never in `jobs.toml`.

use std::path::{Path, PathBuf};

use reqwest::Url;
use weir_model::basin::entry::Entry;

/// Where a secret is kept; read anew for each delivery, so that it can be changed while the service runs.
#[derive(Clone, Debug)]
pub(crate) enum Secret {
    /// In an environment variable.
    Environment(String),
    /// In a file, within the office's folder or from the root.
    File(PathBuf),
}

impl Secret {
    /// Reads `secret_env` or `secret_file`, of which not both may stand.
    pub(crate) fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let (variable, file) = (entry.text("secret_env"), entry.text("secret_file"));
        if let (Some(_), Some(file)) = (&variable, &file) {
            let hint = "keep one of them".to_owned();
            entry.refuse(&file.place, "`secret_env` and `secret_file` say the same", Some(hint));
        }
        let variable = variable.map(|name| Self::Environment(name.value));
        variable.or_else(|| file.map(|file| Self::File(PathBuf::from(file.value))))
    }

    /// Reads a secret that must be there.
    pub(crate) fn required(entry: &Entry<'_, '_>, what: &str) -> Option<Self> {
        let secret = Self::read(entry);
        if secret.is_none() && !entry.has("secret_env") && !entry.has("secret_file") {
            let hint = format!("{what}: `secret_env = \"NAME\"`, a variable of the service, or `secret_file = \"PATH\"`");
            entry.missing_because(&["secret_env", "secret_file"], &hint);
        }
        secret
    }

    /// The secret.
    pub(crate) fn value(&self, folder: &Path) -> Result<String, String> {
        let text = match self {
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set, or not UTF-8"))?
            }
            Self::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path).map_err(|error| format!("secret file {}: {error}", path.display()))?
            }
        };
        Ok(text.trim().to_owned())
    }
}

/// The address in `url`, of one of a few schemes and without a password.
pub(crate) fn address(entry: &Entry<'_, '_>, schemes: &[&str], example: &str) -> Option<Url> {
    let text = entry.text("url");
    if !entry.has("url") {
        entry.missing_because(&["url"], &format!("the receiver's address: `url = \"{example}\"`"));
    }
    let text = text?;
    let url = match Url::parse(&text.value) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => url,
        Ok(_) => {
            let message = format!("`url`: expected {} and a host", schemes.join(":// or ") + "://");
            entry.refuse(&text.place, message, Some(format!("such as `{example}`")));
            return None;
        }
        Err(error) => {
            let message = format!("`url`: `{}` is no address: {error}", text.value);
            entry.refuse(&text.place, message, Some(format!("such as `{example}`")));
            return None;
        }
    };
    if url.password().is_some() {
        let hint = "take it out; `secret_env` or `secret_file` names where it is kept".to_owned();
        entry.refuse(&text.place, "`url`: holds a password, which does not belong into this file", Some(hint));
        return None;
    }
    Some(url)
}
