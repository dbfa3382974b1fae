//! Files that results go to: checked before the work begins, so that none is lost.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use micrograph::image::real_path;
use micrograph::train::RunFolder;

/// What results must not replace.
pub(crate) struct Outputs<'a> {
    /// The runs of the models.
    pub(crate) runs: &'a [&'a Path],
    /// Whether other files may be replaced.
    pub(crate) overwrite: bool,
}

impl Outputs<'_> {
    /// Refuses a file of `inputs`, one that the run wrote, one that holds something already, and one
    /// in a folder that does not exist.
    pub(crate) fn check(&self, file: &Path, inputs: impl Iterator<Item = PathBuf>) -> Result<()> {
        self.check_place(file, inputs)?;
        match real(file)?.parent() {
            Some(folder) if !folder.is_dir() => {
                let (file, folder) = (file.display(), folder.display());
                bail!("{file}: there is no folder {folder}; make it first")
            }
            _ => Ok(()),
        }
    }

    /// As [`check`](Self::check), where the folder will be made: nothing can be lost in it yet.
    pub(crate) fn check_place(
        &self,
        file: &Path,
        inputs: impl Iterator<Item = PathBuf>,
    ) -> Result<()> {
        let shown = file.display();
        let place = real(file)?;
        if file.is_dir() {
            bail!("{shown}: is a folder; expected a file to write");
        }
        for run in self.runs {
            // A model may be named by one of its files.
            let folder = if run.is_file() { run.parent() } else { Some(*run) };
            let folder = folder.filter(|path| !path.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            if RunFolder::owns(&real(folder)?, &place) {
                let run = folder.display();
                bail!("{shown}: is a file of the run {run}; choose another name or folder");
            }
        }
        // A file without content holds nothing that could be lost.
        match std::fs::metadata(file) {
            Ok(there) if !there.is_file() => {
                bail!("{shown}: is a device or a pipe, which a file would replace; expected a file")
            }
            Ok(there) if there.len() > 0 => {}
            _ => return Ok(()),
        }
        if inputs.into_iter().any(|input| real_path(&input).is_ok_and(|input| input == place)) {
            bail!("{shown}: is also an input; choose another file for the result");
        }
        if !self.overwrite {
            bail!("{shown}: exists already; replace it with --overwrite, or choose another file");
        }
        Ok(())
    }
}

fn real(path: &Path) -> Result<PathBuf> {
    real_path(path).map_err(|error| anyhow!("{}: {error}", path.display()))
}
