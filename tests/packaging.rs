//! What people install: the Debian package has what its list names, and `compose.yaml` is taken by Compose.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod shared;

use regex::Regex;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn deployed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

/// What compose.yaml is made of, as the Compose Specification has it: a key that is mistyped is refused there, and no engine is here to say so.
/// Source: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>
fn compose_schema() -> Value {
    let text = serde_json::json!({"type": "string", "minLength": 1});
    let texts = serde_json::json!({"type": "array", "items": text, "uniqueItems": true, "minItems": 1});
    let time = serde_json::json!({"type": "string", "pattern": "^([0-9]+(us|ms|s|m|h))+$"});
    let published = serde_json::json!({"type": "string", "pattern": "^([0-9.]+:)?[0-9]+:[0-9]+(/tcp)?$"});
    let mounted = serde_json::json!({"type": "string", "pattern": "^(/|[a-z]+:/)[^:]*(:/[^:]+)?(:(ro|rw))?$"});
    let needed = serde_json::json!({
        "type": "object", "required": ["condition"], "additionalProperties": false,
        "properties": {"condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}}
    });
    let service = serde_json::json!({
        "type": "object",
        "required": ["image"],
        "additionalProperties": false,
        "properties": {
            "image": {"type": "string", "pattern": "^[A-Za-z0-9./-]+:[A-Za-z0-9.-]+$"},
            "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
            "depends_on": {"type": "object", "additionalProperties": needed},
            "ports": {"type": "array", "items": published, "uniqueItems": true},
            "environment": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
            "volumes": {"type": "array", "items": mounted, "uniqueItems": true},
            "read_only": {"type": "boolean"},
            "cap_drop": texts,
            "security_opt": texts,
            "stop_grace_period": time,
            "healthcheck": {
                "type": "object",
                "required": ["test"],
                "additionalProperties": false,
                "properties": {
                    "test": {"type": "array", "minItems": 2, "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}], "items": text},
                    "interval": time, "timeout": time, "start_period": time, "retries": {"type": "integer", "minimum": 1}
                }
            }
        }
    });
    serde_json::json!({
        "type": "object",
        "required": ["services"],
        "additionalProperties": false,
        "properties": {
            "services": {"type": "object", "additionalProperties": service},
            "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}}
        }
    })
}

#[test]
fn compose_is_as_its_specification_has_it() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("compose.yaml")).unwrap();
    let schema = jsonschema::validator_for(&compose_schema()).unwrap();
    let wrong = |text: &str| {
        let compose: Value = serde_saphyr::from_str(text).unwrap();
        let named = compose["services"].as_object().unwrap();
        let mut wrong: Vec<String> = schema.iter_errors(&compose).map(|error| format!("{}: {error}", error.instance_path())).collect();
        for service in named.values() {
            let needed = service["depends_on"].as_object().into_iter().flatten().map(|(name, _)| name);
            wrong.extend(needed.filter(|name| !named.contains_key(*name)).map(|name| format!("{name} is no service")));
            let mounts = service["volumes"].as_array().into_iter().flatten().filter_map(|volume| volume.as_str()?.split(':').next());
            let volumes = mounts.filter(|source| !source.starts_with('/') && compose["volumes"].get(source).is_none());
            wrong.extend(volumes.map(|name| format!("{name} is no volume")));
        }
        wrong
    };
    assert_eq!(wrong(&text), Vec::<String>::new());
    for (from, to) in [
        ("depends_on:", "dependson:"),
        ("service_healthy", "healthy"),
        ("\"127.0.0.1:8080:8080\"", "\"8080:eighty\""),
        ("stop_grace_period: 45s", "stop_grace_period: 45"),
        ("read_only: true", "read_only: maybe"),
        ("volumes:\n  postgres:", "volumes:\n  database:"),
        ("      postgres: {condition", "      postgresql: {condition"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!wrong(&text.replace(from, to)).is_empty(), "{to} is taken");
    }
}

/// Compose itself, as a plugin of Docker's or by itself; no engine is asked.
fn compose() -> Option<Command> {
    let candidates: [(&str, &[&str]); 2] = [("docker", &["compose"]), ("docker-compose", &[])];
    let is_there = |(program, words): &(&str, &[&str])| {
        Command::new(program).args(*words).arg("version").output().is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(is_there).map(|(program, words)| {
        let mut command = Command::new(program);
        command.args(words);
        command
    })
}

/// What Compose makes of a file, or what it says against it.
fn configured(file: &Path, password: Option<&str>) -> Option<Result<Value, String>> {
    let mut command = compose()?;
    command.arg("--file").arg(file).arg("config").env_remove("ASTRIDE_DATABASE_PASSWORD").current_dir(file.parent().unwrap());
    command.envs(password.map(|password| ("ASTRIDE_DATABASE_PASSWORD", password)));
    let output = command.output().unwrap();
    Some(match output.status.success() {
        true => Ok(serde_saphyr::from_str(&String::from_utf8(output.stdout).unwrap()).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

#[test]
fn compose_takes_what_is_in_compose_yaml() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("compose.yaml")).unwrap();
    fs::write(&file, &text).unwrap();
    let Some(configured_with) = configured(&file, Some("s3cret")) else {
        return shared::skip("what docker compose says of compose.yaml: it is not installed");
    };
    let made = configured_with.unwrap();
    let (service, database) = (&made["services"]["astride"], &made["services"]["postgres"]);
    for password in [&service["environment"]["PGPASSWORD"], &database["environment"]["POSTGRES_PASSWORD"]] {
        assert_eq!(password, "s3cret", "{made}");
    }
    assert_eq!(service["depends_on"]["postgres"]["condition"], "service_healthy", "{made}");
    let without = configured(&file, None).unwrap().unwrap_err();
    assert!(without.contains("set it in the file .env beside this one"), "{without}");
    // It is asked about a file that it does not take, too: else its silence would say nothing.
    for (from, to) in [("stop_grace_period", "stop_grace"), ("cap_drop: [ALL]", "cap_drop: ALL")] {
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replace(from, to)).unwrap();
        assert!(configured(&file, Some("s3cret")).unwrap().is_err(), "{to} is taken");
    }
}

/// Whatever the package's list names is there, once the program has written what it says of itself.
#[test]
fn the_debian_package_has_what_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut script = Command::new(root.join("scripts/deb.sh"));
    script.arg(env!("CARGO_BIN_EXE_astride")).env("ASTRIDE_DEB_ASSETS", folder.path()).env("ASTRIDE_DEB_ASSETS_ONLY", "1");
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asset = Regex::new(r#"(?m)^    \["([^"]+)", "([^"]+)", "(\d+)"\],$"#).unwrap();
    let assets: Vec<(String, String)> = asset.captures_iter(&manifest).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    assert_eq!(assets.len(), 9);
    for (source, _) in &assets {
        let path = match source.strip_prefix("target/deb/") {
            Some(made) => folder.path().join(made),
            None => root.join(source),
        };
        let is_there = match source.strip_suffix("*.1") {
            Some(_) => {
                fs::read_dir(path.parent().unwrap()).unwrap().any(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "1"))
            }
            None => fs::metadata(&path).is_ok_and(|file| file.len() > 0),
        };
        assert!(is_there, "{source}");
    }
    packed(root, &assets);
    // The unit runs the program that the package has, as the user that it makes.
    let unit = deployed("astride.service");
    let user = unit.lines().find_map(|line| line.strip_prefix("User=")).unwrap();
    assert!(deployed("debian/astride.sysusers").starts_with(&format!("u {user} ")));
    let postinst = deployed("debian/postinst");
    assert!(postinst.contains("#DEBHELPER#") && postinst.contains("systemd-sysusers astride.conf"));
    assert!(assets.iter().any(|(_, to)| to == "usr/lib/sysusers.d/astride.conf"));
    assert!(unit.contains("ExecStart=astride ") && assets.iter().any(|(from, to)| from.ends_with("/astride") && to == "usr/bin/"));
}

/// Has the package made of a script in the program's place, where `cargo deb` is, and sees what is in it.
fn packed(root: &Path, assets: &[(String, String)]) {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there("cargo-deb") || !is_there("dpkg-deb") {
        return shared::skip("what is in the Debian package: cargo-deb is not installed");
    }
    // A copy, because the package's parts are laid below the manifest.
    let copy = tempfile::tempdir().unwrap();
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "src",
        "benches",
        "build",
        "build.rs",
        "config",
        "deploy",
        "scripts",
    ] {
        let copied = Command::new("cp").arg("-r").arg(root.join(file)).arg(copy.path()).status().unwrap();
        assert!(copied.success(), "{file}");
    }
    let stub = copy.path().join("stub");
    fs::write(&stub, format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_astride"))).unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let package = copy.path().join("astride.deb");
    let mut script = Command::new("bash");
    script.arg(copy.path().join("scripts/deb.sh")).arg(&stub).args(["--no-strip", "--offline", "--locked", "--output"]).arg(&package);
    let output = script.env_remove("CARGO_TARGET_DIR").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ask = |arguments: &[&str]| {
        let output = Command::new("dpkg-deb").args(arguments).arg(&package).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let contents = ask(&["--contents"]);
    for (_, to) in assets {
        assert!(contents.contains(&format!(" ./{}", to.trim_end_matches('/'))), "{to}:\n{contents}");
    }
    for file in ["./usr/bin/astride", "./usr/share/man/man1/astride.1.gz", "astride.service"] {
        assert!(contents.contains(file), "{file}:\n{contents}");
    }
    assert!(contents.lines().any(|line| line.starts_with("-rwxr-xr-x ") && line.ends_with(" ./usr/bin/astride")), "{contents}");
    assert!(!contents.contains("/etc/astride"), "the settings are not the package's: {contents}");
    assert_eq!(ask(&["--field"]).lines().find_map(|line| line.strip_prefix("Package: ")), Some("astride"));
    let depends = ask(&["--info"]);
    assert!(depends.contains("git") && depends.contains("ca-certificates") && depends.contains(" postinst"), "{depends}");
}
