//! Templates (`*-envs.EXAMPLE`) become environment files.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{
    access,
    env_file::EnvFile,
    names::{DIRECTORY, SUFFIX},
    snapshot::forget_copy,
};
use crate::{
    configuration::{Configuration, ConfigurationError, warn_of_unknown_keys},
    log,
};

/// What a template's name ends in, after the name of its environment file.
const EXAMPLE: &str = ".EXAMPLE";

/// An environment file that a template gives.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Name of the file in `config/`.
    pub name: String,
    /// Its lines.
    pub file: EnvFile,
    /// Name of the section that serves it alone.
    pub base: String,
    /// Lines whose keys the configuration does not have.
    pub left: Vec<String>,
}

/// The environment files of a configuration, from the templates in `templates` or one directory below: every key that the
/// configuration has gets its value.
///
/// # Errors
/// A template cannot be read, or a value cannot stand in such a file.
pub fn render(configuration: &Configuration, templates: &Path) -> anyhow::Result<Vec<Rendered>> {
    let templates = find(templates)
        .with_context(|| format!("cannot obtain environment files: {} did not exist", templates.display()))?;
    let render = |(name, template): (String, PathBuf)| {
        let mut file = EnvFile::read(&template)?;
        let base = section_of(&name, configuration).to_owned();
        let left = fill(&mut file, configuration, &base)?;
        Ok(Rendered { name, file, base, left })
    };
    templates.into_iter().map(render).collect()
}

/// The section that serves a file alone. For `hoover-envs` that is the one of this name, or `hoover`.
fn section_of<'name>(file: &'name str, configuration: &Configuration) -> &'name str {
    let is_section = |name: &str| configuration.top().any(|(top, node)| top == name && node.is_section());
    match file.strip_suffix("-config-envs") {
        Some(service) => service,
        None => {
            file.strip_suffix("-envs").filter(|name| !is_section(file) && is_section(name)).unwrap_or(file)
        }
    }
}

/// Writes `config/` of a project. Files without a template are left alone.
///
/// # Errors
/// As [`render`], or the directory cannot be written.
pub fn write(configuration: &Configuration, templates: &Path, project: &Path) -> anyhow::Result<()> {
    let files = render(configuration, templates)?;
    let directory = project.join(DIRECTORY);
    let done = if directory.is_dir() { "updating" } else { "creating" };
    log::info("setup", format_args!("{done} {}", directory.display()));
    access::create_directory(&directory).with_context(|| directory.display().to_string())?;
    let (mut used, mut sections) = (Vec::new(), Vec::new());
    for Rendered { name, file, base, left } in files {
        used.extend(file.keys().map(str::to_owned));
        let path = directory.join(&name);
        file.write(&path)?;
        forget_copy(&path);
        for line in left {
            let (line, base): (String, String) =
                (line.chars().take(29).collect(), base.chars().take(10).collect());
            let path = configuration.path().display();
            log::warn("setup", format_args!("{line:<30} in {base:<11} was not updated from {path}"));
        }
        sections.push(base);
    }
    warn_of_unknown_keys(configuration, &used, &sections);
    Ok(())
}

/// Environment files by name, with the template of each. Of two templates with one name the later one counts: those
/// below come after those at the top, in order of their directories.
fn find(top: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut directories = Vec::new();
    for entry in fs::read_dir(top)? {
        let path = entry?.path();
        if path.is_dir() {
            directories.push(path);
        } else {
            found.extend(template(&path));
        }
    }
    directories.sort();
    for directory in directories {
        for entry in fs::read_dir(directory)? {
            found.extend(template(&entry?.path()));
        }
    }
    Ok(found)
}

fn template(path: &Path) -> Option<(String, PathBuf)> {
    let name = path.file_name().and_then(OsStr::to_str)?.strip_suffix(EXAMPLE)?;
    (name.ends_with(SUFFIX) && path.is_file()).then(|| (name.to_owned(), path.to_owned()))
}

/// Gives the lines whose keys are not in the configuration.
fn fill(file: &mut EnvFile, configuration: &Configuration, base: &str) -> anyhow::Result<Vec<String>> {
    let mut problem = None;
    let left = file.map(|key| match configuration.get_first(key, base) {
        Ok(scalar) if scalar.text().contains(['\n', '\r']) => {
            problem.get_or_insert(format!("{}{key} has several lines", configuration.whereabouts(key)));
            None
        }
        Ok(scalar) => Some(scalar.text().to_owned()),
        Err(ConfigurationError::Missing { .. }) => None,
        Err(error) => {
            problem.get_or_insert(error.to_string());
            None
        }
    });
    match problem {
        Some(problem) => bail!("{problem}"),
        None => Ok(left),
    }
}
