//! The stores that a test goes through: SQLite always, and PostgreSQL where its programs are installed.
//!
//! The server is a private one: in a temporary folder, on a unix socket there, run by an unprivileged user, one for each test program. It ends with
//! that program however this ends, since it is stopped when the pipe to its keeper is closed.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use astride::change::ObjectId;
use astride::queue::due::Due;
use astride::queue::job::{RepositoryKey, Subject};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A pull request that an event told of.
pub fn due(pull: u64, head: u8, at: i64) -> Due {
    let repository = RepositoryKey { id: 1, owner: "acme".to_owned(), name: "shop".to_owned(), installation: 7 };
    Due { repository, subject: Subject::Pull(pull), head: Some((ObjectId([head; 20]), at)), base: None }
}

/// $1 the folder of PostgreSQL's programs, $2 the user that runs them, nobody else where it is empty. Prints the server's folder once it takes connections.
const KEEPER: &str = r#"
set -eu
bin=$1; as=$2
folder=$(mktemp -d /tmp/astride-pg.XXXXXX)
trap 'rm -rf "$folder"' EXIT
[ -z "$as" ] || chown "$as" "$folder"
run() { if [ -z "$as" ]; then "$@"; else runuser -u "$as" -- "$@"; fi; }
cd "$folder"
run "$bin/initdb" --pgdata "$folder/data" --username astride --auth trust --encoding UTF8 --locale C --no-sync >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
rm -f "$folder.log"
sed -i '1i local all stranger reject' "$folder/data/pg_hba.conf"
printf '%s\n' "listen_addresses = ''" 'fsync = off' 'max_connections = 200' "unix_socket_directories = '$folder'" >>"$folder/data/postgresql.conf"
run "$bin/pg_ctl" --pgdata "$folder/data" --wait --silent --log "$folder/log" start >/dev/null
run "$bin/createdb" --host "$folder" --username astride astride
echo "$folder"
read -r _ || true
run "$bin/pg_ctl" --pgdata "$folder/data" --silent --mode immediate stop >/dev/null 2>&1 || true
"#;

/// A private server.
pub struct Server {
    pub folder: PathBuf,
    /// Its pipe is what keeps the server.
    _keeper: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    versions.retain(|bin| bin.join("initdb").is_file());
    versions.sort();
    versions.pop()
}

/// PostgreSQL refuses to be run by root.
fn unprivileged() -> &'static str {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    match (is_root, users.lines().any(|line| line.starts_with("postgres:"))) {
        (false, _) => "",
        (true, true) => "postgres",
        (true, false) => "nobody",
    }
}

impl Server {
    /// Starts one of its own.
    pub fn start() -> Option<Self> {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(programs()?)
            .arg(unprivileged())
            .stdin(Stdio::piped())
            // What ends the test by its group leaves the keeper to clear up.
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut folder = String::new();
        BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut folder).unwrap();
        assert!(!folder.is_empty(), "PostgreSQL did not start");
        Some(Self { folder: folder.trim_end().into(), _keeper: keeper })
    }

    /// Has it stopped as by its operator, or started again.
    pub fn control(&self, what: &[&str]) {
        let (program, data, user) = (programs().unwrap().join("pg_ctl"), self.folder.join("data"), unprivileged());
        let mut command = if user.is_empty() { Command::new(&program) } else { Command::new("runuser") };
        if !user.is_empty() {
            command.args(["-u", user, "--"]).arg(&program);
        }
        let log = self.folder.join("log");
        let done = command.arg("--pgdata").arg(data).arg("--silent").arg("--wait").arg("--log").arg(log).args(what);
        assert!(done.current_dir(&self.folder).stdout(Stdio::null()).status().unwrap().success(), "{what:?}");
    }

    /// The URL of its database, with parameters that begin with `&`.
    pub fn url(&self, parameters: &str) -> String {
        format!("postgres://astride@localhost/astride?host={}{parameters}", self.folder.display())
    }
}

/// The server of this test program; where PostgreSQL is not installed, it says that `what` was left out.
pub fn server(what: &str) -> Option<&'static Server> {
    let server = SERVER.get_or_init(Server::start).as_ref();
    if server.is_none() {
        crate::shared::skip(&format!("{what} on PostgreSQL: it is not installed"));
    }
    server
}

/// The URL of a store of its own on PostgreSQL.
pub fn postgres(what: &str) -> Option<String> {
    let server = server(what)?;
    let schema = format!("store_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    execute(&server.url(""), &format!("CREATE SCHEMA {schema}"));
    Some(server.url(&format!("&options[search_path]={schema}")))
}

/// Carries out SQL beside the service, on either kind of database.
pub fn execute(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), AssertSqlSafe(sql.to_owned()));
    // Apart from the test's own runtime, which then needs to know nothing of it.
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            if url.starts_with("sqlite:") {
                SqliteConnection::connect(&url).await.unwrap().execute(sql).await.unwrap();
            } else {
                PgConnection::connect(&url).await.unwrap().execute(sql).await.unwrap();
            }
        });
    });
    done.join().unwrap();
}

/// A number that SQL asks for beside the service.
pub fn count(url: &str, sql: &str) -> i64 {
    let (url, sql) = (url.to_owned(), AssertSqlSafe(sql.to_owned()));
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            if url.starts_with("sqlite:") {
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            } else {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
        })
    });
    done.join().unwrap()
}
