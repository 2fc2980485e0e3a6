//! Variables of an environment by which other code runs, is looked for elsewhere, or by which whoever answers is believed: `NODE_OPTIONS`,
//! `AWS_LAMBDA_EXEC_WRAPPER`, `LD_PRELOAD`, `NODE_EXTRA_CA_CERTS`.
//!
//! Comes in: the variables of what runs. Goes out: each that runtimes, loaders and tools read so, by its value. Of options only those count that
//! load code, open a debugger or say how TLS is done.
//! Sources, read 2026-11-30: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html>, <https://nodejs.org/api/cli.html#node_optionsoptions>,
//! <https://docs.python.org/3/using/cmdline.html#environment-variables>, <https://man7.org/linux/man-pages/man8/ld.so.8.html>,
//! <https://docs.oracle.com/en/java/javase/21/docs/specs/jvmti.html#tooloptions>, <https://learn.microsoft.com/en-us/dotnet/core/runtime-config/debugging-profiling>.

use crate::catalog::draft::Draft;
use crate::catalog::environment::{self, Variable};
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::catalog::{governed, paths};
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

/// In capitals, in order.
const VARIABLES: &[&str] = &[
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_SHARED_CREDENTIALS_FILE",
    "BASH_ENV",
    "BUNDLE_GEMFILE",
    "CLASSPATH",
    "CORECLR_ENABLE_PROFILING",
    "CORECLR_PROFILER",
    "CORECLR_PROFILER_PATH",
    "CURL_CA_BUNDLE",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_SHARED_STORE",
    "DOTNET_STARTUP_HOOKS",
    "GCONV_PATH",
    "GEM_HOME",
    "GEM_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_SSH_COMMAND",
    "GODEBUG",
    "GOPROXY",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_EXTRA_CA_CERTS",
    "NODE_PATH",
    "NPM_CONFIG_REGISTRY",
    "OPENSSL_CONF",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PGSSLMODE",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PROMPT_COMMAND",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "REQUESTS_CA_BUNDLE",
    "RUBYLIB",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_INDEX_URL",
];
/// Wrappers that the provider's own layers bring, which are weighed as layers: of OpenTelemetry and of the adapter for web servers.
/// <https://aws-otel.github.io/docs/getting-started/lambda>, <https://github.com/awslabs/aws-lambda-web-adapter>
const USUAL: [&str; 5] =
    ["/opt/bootstrap", "/opt/otel-handler", "/opt/otel-instrument", "/opt/otel-proxy-handler", "/opt/otel-stream-handler"];
/// Variables that hold options of a runtime, in capitals, and how those begin that count.
const OPTIONS: &[(&str, &[&str])] = &[
    (
        "NODE_OPTIONS",
        &[
            "--conditions",
            "--env-file",
            "--experimental-loader",
            "--import",
            "--insecure-http-parser",
            "--inspect",
            "--loader",
            "--openssl",
            "--require",
            "--security-revert",
            "--tls-",
            "--use-bundled-ca",
            "--use-openssl-ca",
            "--use-system-ca",
            "-C",
            "-r",
        ],
    ),
    ("JAVA_OPTS", JAVA),
    ("JAVA_TOOL_OPTIONS", JAVA),
    ("JDK_JAVA_OPTIONS", JAVA),
    ("_JAVA_OPTIONS", JAVA),
    ("RUBYOPT", &["--debug", "-I", "-r"]),
];
const JAVA: &[&str] = &[
    "--class-path",
    "--module-path",
    "--patch-module",
    "--upgrade-module-path",
    "-Dcom.amazonaws.sdk.disableCertChecking",
    "-Dcom.sun.jndi",
    "-Dcom.sun.management",
    "-Dhttp.proxy",
    "-Dhttps.p",
    "-Djava.rmi",
    "-Djava.security",
    "-Djavax.net.ssl",
    "-XX:OnError",
    "-XX:OnOutOfMemoryError",
    "-XX:VMOptionsFile",
    "-Xbootclasspath",
    "-Xrun",
    "-agent",
    "-classpath",
    "-cp",
    "-javaagent",
    "@",
];

/// Of these variables those by which another program runs in place of the own one, or before it.
const RUNNING: &[&str] = &["AWS_LAMBDA_EXEC_WRAPPER", "BASH_ENV", "DOTNET_STARTUP_HOOKS", "LD_AUDIT", "LD_PRELOAD", "PYTHONSTARTUP"];
/// Variables by which whoever answers is believed without a certificate, in capitals, with the values that say so.
const BELIEVING: &[(&str, &[&str])] = &[
    ("GIT_SSL_NO_VERIFY", &["1", "true", "yes", "on"]),
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("PGSSLMODE", &["disable", "allow"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
];

/// Asks about such variables of a resource that have another program run, or switch off that whoever answers is asked who that is.
pub(in crate::catalog) fn ask<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    let Some(entry) = draft.entry(resource.address) else { return };
    let (mut running, mut believing) = (Vec::new(), Vec::new());
    for path in entry.environment {
        for variable in environment::variables(&resource.properties, path) {
            let span = variable.value.span;
            if !draft.spend(1, span) {
                return;
            }
            let name = variable.name.to_ascii_uppercase();
            let mut text = String::new();
            spell(draft, &variable.value, &mut text);
            let options = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, options)| counting(&text, options));
            let runs = RUNNING.contains(&name.as_str()) && !USUAL.contains(&text.as_str());
            if let Some(counting) = options.or(runs.then(|| text.clone())).filter(|counting| !counting.is_empty()) {
                running.push((format!("{} {counting}", variable.name), span));
            }
            if BELIEVING.iter().any(|(known, values)| *known == name && values.contains(&text.trim().to_ascii_lowercase().as_str())) {
                believing.push((format!("{} {text}", variable.name), span));
            }
        }
    }
    governed::show_beside(draft, resource, "programs", "what else runs beside its own program", &running);
    governed::show_beside(draft, resource, "trust in certificates", "whom it believes without a certificate", &believing);
}

/// Adds such variables of a resource.
pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let Some(entry) = collector.draft.entry(resource.address) else { return };
    for path in entry.environment {
        let map = path.strip_suffix(".*").or_else(|| path.strip_suffix("[].Value")).unwrap_or(path);
        // Maps that nobody can see into have no variables to tell of.
        if paths::find(&resource.properties, map).is_empty() {
            continue;
        }
        for variable in environment::variables(&resource.properties, path) {
            if !collector.draft.spend(1, variable.value.span) {
                return;
            }
            add(collector, resource, &variable);
        }
    }
}

fn add<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, variable: &Variable<'t>) {
    let name = variable.name.to_ascii_uppercase();
    let options = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, options)| *options);
    if options.is_none() && VARIABLES.binary_search(&name.as_str()).is_err() {
        return;
    }
    let mut text = String::new();
    spell(collector.draft, &variable.value, &mut text);
    let text = options.map_or(text.clone(), |options| counting(&text, options));
    if !text.is_empty() && !USUAL.contains(&text.as_str()) {
        collector.add_text(resource, (Kind::Arrival, &format!("variable {}", variable.name)), &text, variable.value.span);
    }
}

/// The options that count, each with what stands behind it.
fn counting(text: &str, options: &[&str]) -> String {
    let mut words = text.split_whitespace().peekable();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        if options.iter().any(|option| word.starts_with(option)) {
            found.push(word);
            found.extend(words.next_if(|next| !word.contains('=') && !next.starts_with('-')));
        }
    }
    found.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{OPTIONS, VARIABLES, counting};

    #[test]
    fn options_count_where_they_load_something() {
        for (name, text, expected) in [
            ("NODE_OPTIONS", "--enable-source-maps --max-old-space-size=512", ""),
            ("NODE_OPTIONS", "--enable-source-maps --require /opt/x.js", "--require /opt/x.js"),
            ("NODE_OPTIONS", "--import=/opt/x.mjs --no-warnings", "--import=/opt/x.mjs"),
            ("JAVA_TOOL_OPTIONS", "-XX:+TieredCompilation -XX:TieredStopAtLevel=1", ""),
            ("JAVA_TOOL_OPTIONS", "-Xmx512m -javaagent:/opt/agent.jar", "-javaagent:/opt/agent.jar"),
            ("RUBYOPT", "-W0 -r/opt/x", "-r/opt/x"),
        ] {
            let options = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, options)| *options).unwrap();
            assert_eq!(counting(text, options), expected, "{text}");
        }
        assert!(VARIABLES.is_sorted());
    }
}
