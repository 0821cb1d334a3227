//! `handrail backup` and `handrail restore`: one encrypted format, from and into either database.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{Which, progress, service};
use crate::{
    app::App,
    config::Config,
    platform::{
        Error, Result,
        audit::Entry,
        backup::{self, InTheClear},
        clock::Clock,
        db::{Db, Place, copy, newest_migration},
        keys::Keys,
        random::Random,
        web::Actor,
    },
    rules::event::Event,
};

#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write. Keep it apart from the key file: whoever has both can read everything.
    file: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup to read. The key file of the installation that made it must be in its place.
    file: PathBuf,
    /// Replace a service that holds something.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    which: Which,
}

impl Backup {
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        let size = back_up(&app, &self.file, self.force).await?;
        println!("Wrote {}, {size} bytes.", self.file.display());
        println!(
            "It opens only with the key {}, which is not in it.",
            app.keys.id()
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Restore {
    pub async fn run(self) -> Result<ExitCode> {
        let app = restore(self.which.config()?, &self.file, self.force).await?;
        println!("Restored {}.", self.file.display());
        println!(
            "Everybody signs in again. Run `handrail check` and `handrail verify-audit` before you serve it."
        );
        app.db.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a backup while the service goes on, and says how many bytes it has.
pub async fn back_up(app: &App, file: &Path, force: bool) -> Result<u64> {
    if file.exists() && !force {
        return Err(Error::Internal(format!(
            "{} is there already: name another file, or use --force",
            file.display()
        )));
    }
    let clear = InTheClear::beside(file, &app.random)?;
    let bar = progress::bar(None, "rows copied");
    app.db.copy_to(clear.path(), |n| bar.inc(n)).await?;
    bar.finish_and_clear();
    let bar = progress::bytes(size_of(clear.path())?, "encrypting");
    backup::encrypt(&app.keys, &app.random, clear.path(), file, |n| bar.inc(n))?;
    bar.finish_and_clear();
    let mut tx = app.write(&Actor::CommandLine).await?;
    tx.record(Entry::of(Event::BackupMade)).await?;
    tx.commit().await?;
    size_of(file)
}

/// Puts a backup in the place that the settings name. The target is touched only after all of the backup has proved whole.
pub async fn restore(config: Config, file: &Path, force: bool) -> Result<App> {
    let keys = Keys::read(&config.key_file)?;
    let random = Random::machine();
    let beside = match &config.place {
        Place::File(target) => {
            if let Some(folder) = target.parent() {
                service::make_private_folder(folder)?;
            }
            target.clone()
        }
        Place::Server(_) => file.to_owned(),
    };
    let clear = InTheClear::beside(&beside, &random)?;
    let bar = progress::bytes(size_of(file)?, "decrypting");
    backup::decrypt(&keys, file, clear.path(), |n| bar.inc(n))?;
    bar.finish_and_clear();
    bring_up_to_date(clear.path()).await?;
    match &config.place {
        Place::File(target) => into_file(&clear, target, force, &random).await?,
        Place::Server(_) => {
            let db = Db::open(&config.place).await?;
            db.migrate().await?;
            if !force && !db.is_empty().await? {
                return Err(not_empty());
            }
            let bar = progress::bar(None, "rows restored");
            db.copy_from(clear.path(), |n| bar.inc(n)).await?;
            bar.finish_and_clear();
            db.close().await;
        }
    }
    drop(clear);
    let db = Db::open(&config.place).await?;
    let app = App::new(db, Clock::Machine, random, keys, config).await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    tx.record(Entry::of(Event::BackupRestored)).await?;
    tx.commit().await?;
    Ok(app)
}

/// An older backup gets the migrations that it lacks; a newer one is refused.
async fn bring_up_to_date(file: &Path) -> Result<()> {
    let number = copy::migrated_to(file).await?;
    if number > newest_migration() {
        return Err(Error::internal(
            "this backup was made by a newer Handrail: install that version first",
        ));
    }
    let db = Db::open(&Place::File(file.to_owned())).await?;
    db.migrate().await?;
    db.close().await;
    Ok(())
}

/// The old file, if there was one, stays beside the new one until somebody removes it.
async fn into_file(clear: &InTheClear, target: &Path, force: bool, random: &Random) -> Result<()> {
    if target.exists() {
        copy::must_be_unused(target).await?;
        let old = Db::open(&Place::File(target.to_owned())).await?;
        let empty = old.is_empty().await?;
        old.close().await;
        if !empty && !force {
            return Err(not_empty());
        }
    }
    copy::begin_next_era(clear.path()).await?;
    let moved = || -> std::io::Result<()> {
        if target.exists() {
            let kept = target.with_extension(format!("before-{:08x}", random.number() as u32));
            fs::rename(target, kept)?;
        }
        for behind in ["-wal", "-shm"] {
            let mut name = target.as_os_str().to_owned();
            name.push(behind);
            let _ = fs::remove_file(name);
        }
        fs::rename(clear.path(), target)?;
        // The rename itself is on the disk before anybody is told that it is done.
        target
            .parent()
            .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    };
    moved().map_err(|e| Error::Internal(format!("{}: {e}", target.display())))
}

fn not_empty() -> Error {
    Error::internal(
        "the target holds something already: restore into an empty one, or use --force to replace it",
    )
}

fn size_of(file: &Path) -> Result<u64> {
    fs::metadata(file)
        .map(|m| m.len())
        .map_err(|e| Error::Internal(format!("{}: {e}", file.display())))
}
