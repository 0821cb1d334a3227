//! Opening a service for a command: its keys, its database, its migrations.

use std::fs;

use crate::{
    app::App,
    config::Config,
    platform::{
        Error, Result,
        clock::Clock,
        db::{Db, Place},
        keys::Keys,
        random::Random,
        web::Actor,
    },
};

/// Opens a service. SQLite is migrated here; PostgreSQL must have been migrated by its owner.
pub async fn open(config: Config) -> Result<App> {
    if let Place::File(file) = &config.place
        && let Some(folder) = file.parent()
    {
        make_private_folder(folder)?;
    }
    let db = Db::open(&config.place).await?;
    match &config.place {
        Place::File(_) => drop(db.migrate().await?),
        Place::Server(_) if !db.waiting_migrations().await?.is_empty() => {
            return Err(Error::internal(
                "the database waits to be migrated: run `handrail migrate` as its owner",
            ));
        }
        Place::Server(_) => {}
    }
    let random = Random::machine();
    let keys = keys(&config, &db, &random).await?;
    let app = App::new(db, Clock::Machine, random, keys, config).await?;
    first_time(&app, false).await?;
    Ok(app)
}

/// Marks a new database as an installation, and seeds what every service has.
pub async fn first_time(app: &App, demo: bool) -> Result<()> {
    use crate::{features::organisation, platform::db::sql};
    if !app
        .db
        .look(sql("SELECT id FROM installation WHERE id = 1"))
        .await?
        .is_empty()
    {
        return Ok(());
    }
    let mut tx = app.write(&Actor::CommandLine).await?;
    let now = tx.now();
    tx.change(sql("INSERT INTO installation (id, era, made_at, demo) VALUES (1, 1, ?, ?) ON CONFLICT (id) DO NOTHING").bind(now).bind(demo)).await?;
    organisation::store::seed_regions(&mut tx).await?;
    tx.commit().await
}

/// Marks a service without accounts as fictional: nobody's one-time code is asked for then.
pub async fn make_fictional(app: &App) -> Result<()> {
    use crate::{
        platform::{audit::Entry, db::sql},
        rules::event::Event,
    };
    let mut tx = app.write(&Actor::CommandLine).await?;
    let taken = tx.maybe(sql("SELECT id FROM accounts LIMIT 1")).await?;
    if taken.is_some() {
        return Err(Error::internal(
            "this service has accounts: make the fictional people in a new, empty one",
        ));
    }
    tx.change(sql("UPDATE installation SET demo = ?").bind(true))
        .await?;
    tx.record(Entry::of(Event::DemoMade)).await?;
    tx.commit().await
}

/// The key file, made at the very first start. A service that has accounts and no key file is refused: its secrets could not be opened.
async fn keys(config: &Config, db: &Db, random: &Random) -> Result<Keys> {
    use crate::platform::db::sql;
    if config.key_file.exists() {
        return Keys::read(&config.key_file);
    }
    if !db
        .look(sql("SELECT id FROM accounts LIMIT 1"))
        .await?
        .is_empty()
    {
        return Err(Error::Internal(format!(
            "the key file {} is missing. Put it back from where you keep its copy, or set HANDRAIL_KEY_FILE.",
            config.key_file.display()
        )));
    }
    let keys = Keys::generate(random);
    keys.write(&config.key_file)?;
    Ok(keys)
}

pub fn make_private_folder(folder: &std::path::Path) -> Result<()> {
    fs::create_dir_all(folder)
        .map_err(|e| Error::Internal(format!("{}: {e}", folder.display())))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(|e| Error::Internal(format!("{}: {e}", folder.display())))?;
    }
    Ok(())
}
