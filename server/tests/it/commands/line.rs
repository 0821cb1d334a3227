//! The program itself: help on everything, and exit codes that scripts can use.

use std::process::{Command, Output};

fn handrail(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handrail"))
        .args(arguments)
        .env_remove("HANDRAIL_DATA")
        .env_remove("HANDRAIL_DATABASE_URL")
        .env_remove("HANDRAIL_KEY_FILE")
        .output()
        .unwrap()
}

/// The commands that a help text lists.
fn commands_of(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_has_help() {
    let mut waiting = vec![vec![]];
    let mut seen = vec![];
    while let Some(command) = waiting.pop() {
        let asked: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = handrail(&[&asked[..], &["--help"]].concat());
        assert_eq!(output.status.code(), Some(0), "{asked:?}");
        assert!(output.stdout.len() > 80, "{asked:?}");
        for name in commands_of(&String::from_utf8_lossy(&output.stdout)) {
            waiting.push([&command[..], &[name]].concat());
        }
        seen.push(asked.join(" "));
    }
    for known in [
        "serve",
        "demo",
        "import cases",
        "keys rotate",
        "check",
        "absence",
    ] {
        assert!(
            seen.iter().any(|s| s.starts_with(known)),
            "{known} is not among {seen:?}"
        );
    }
}

#[test]
fn the_demonstrations_export_has_a_result_for_every_row_and_says_that_some_were_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let data = at("service");
    let made = handrail(&["demo", "--data", &data, "--only-make"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let report = at("result.csv");
    let judged = handrail(&[
        "import",
        "cases",
        &format!("{data}/caseload.csv"),
        "--mapping",
        &format!("{data}/caseload.toml"),
        "--data",
        &data,
        "--as",
        "leila.haddad@handrail.example",
        "--report",
        &report,
    ]);
    // 3: something was refused, and the report says what.
    assert_eq!(judged.status.code(), Some(3), "{judged:?}");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.lines().count() > 400, "{}", report.lines().count());
    assert!(report.contains("is not valid"), "with a reason");
}

#[test]
fn exit_codes_tell_done_failed_wrong_and_refused_apart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let data = data.to_str().unwrap();
    assert_eq!(handrail(&["config"]).status.code(), Some(0));
    assert_eq!(handrail(&["no-such-command"]).status.code(), Some(2));
    assert_eq!(handrail(&["account", "list"]).status.code(), Some(1));
    // Nothing there yet is wrong, and looking makes nothing.
    assert_eq!(handrail(&["check", "--data", data]).status.code(), Some(3));
    assert!(!std::path::Path::new(data).exists());
    assert_eq!(
        handrail(&["migrate", "--data", data]).status.code(),
        Some(0)
    );
    let add = handrail(&[
        "account",
        "add",
        "--data",
        data,
        "--email",
        "ines@handrail.example",
        "--name",
        "Ines",
        "--role",
        "administrator",
        "--scope",
        "all",
    ]);
    assert_eq!(add.status.code(), Some(0), "{add:?}");
    assert!(String::from_utf8_lossy(&add.stdout).contains("First password: "));
    let check = handrail(&["check", "--data", data]);
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    for command in ["verify-audit", "rebuild"] {
        assert_eq!(
            handrail(&[command, "--data", data]).status.code(),
            Some(0),
            "{command}"
        );
    }
    let before = handrail(&["keys", "show", "--data", data]).stdout;
    assert_eq!(
        handrail(&["keys", "rotate", "--data", data]).status.code(),
        Some(0)
    );
    let after = handrail(&["keys", "show", "--data", data]).stdout;
    assert_eq!(after.len(), before.len() + 10);
    let file = folder.path().join("backup");
    let file = file.to_str().unwrap();
    assert_eq!(
        handrail(&["backup", file, "--data", data]).status.code(),
        Some(0)
    );
    assert_eq!(
        handrail(&["backup", file, "--data", data]).status.code(),
        Some(1)
    );
    assert_eq!(
        handrail(&["restore", file, "--data", data]).status.code(),
        Some(1)
    );
    assert_eq!(
        handrail(&["restore", file, "--force", "--data", data])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        handrail(&["verify-audit", "--data", data]).status.code(),
        Some(0)
    );
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let data = data.to_str().unwrap();
    handrail(&["account", "list", "--data", data]);
    let key = folder.path().join("service.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let check = handrail(&["check", "--data", data]);
    assert_eq!(check.status.code(), Some(3));
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(said.contains("Others may read the key file"), "{said}");
    assert!(said.contains("There is no administrator"), "{said}");
}

#[test]
fn the_command_line_names_the_service_before_the_environment_does() {
    let folder = tempfile::tempdir().unwrap();
    let (named, other) = (folder.path().join("named"), folder.path().join("other"));
    let run = |arguments: &[&str], url: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handrail"));
        command
            .args(arguments)
            .env("HANDRAIL_DATA", &other)
            .env_remove("HANDRAIL_KEY_FILE");
        match url {
            Some(url) => command.env("HANDRAIL_DATABASE_URL", url),
            None => command.env_remove("HANDRAIL_DATABASE_URL"),
        };
        command.output().unwrap()
    };
    let named_data = ["migrate", "--data", named.to_str().unwrap()];
    assert_eq!(
        run(&named_data, Some("postgres://nobody@127.0.0.1:1/none"))
            .status
            .code(),
        Some(0)
    );
    assert!(named.join("handrail.sqlite").exists() && !other.exists());
    // Nothing listens there: it is tried, and HANDRAIL_DATA is not.
    let url = [
        "account",
        "list",
        "--database-url",
        "postgres://nobody@127.0.0.1:1/none",
    ];
    assert_eq!(run(&url, None).status.code(), Some(1));
    assert!(!other.exists());
    let both = run(
        &["account", "list"],
        Some("postgres://nobody@127.0.0.1:1/none"),
    );
    assert_eq!(both.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&both.stderr).contains("are both set"));
}

#[test]
fn a_bare_loop_writes_into_no_real_service() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let data = data.to_str().unwrap();
    assert_eq!(
        handrail(&["migrate", "--data", data]).status.code(),
        Some(0)
    );
    assert_eq!(
        handrail(&["bench-writes", "--data", data]).status.code(),
        Some(1)
    );
}

#[test]
fn a_form_of_another_system_is_told_question_by_question() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let data = data.to_str().unwrap();
    assert!(handrail(&["migrate", "--data", data]).status.success());
    let form = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../rules/data/fhir/fitness-for-work-questionnaire.xml"
    );
    let told = handrail(&["import", "fit-notes", form, "--data", data]);
    let words = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(0), "{words}");
    assert!(words.contains("Kept with a note: Assessment Date; Q2g; I find you."));
    assert!(words.contains("Files that answer it can be brought in."));
}
