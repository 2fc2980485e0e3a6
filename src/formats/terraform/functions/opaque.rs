//! Functions whose results are not computed, and why.

use crate::formats::terraform::types::Type;
use crate::formats::terraform::value::Kind;

const FILE: &str = "reads a file";
const DIGEST: &str = "is a digest, which is not computed";
const TIME: &str = "computes with times, which is not done";
const AT_RUN: &str = "is known when Terraform runs";
const CODE: &str = "encodes in a way that is not computed";

static OPAQUE: &[(&str, &str)] = &[
    ("abspath", FILE),
    ("base64gzip", CODE),
    ("base64sha256", DIGEST),
    ("base64sha512", DIGEST),
    ("bcrypt", AT_RUN),
    ("file", FILE),
    ("filebase64", FILE),
    ("filebase64sha256", FILE),
    ("filebase64sha512", FILE),
    ("fileexists", FILE),
    ("filemd5", FILE),
    ("fileset", FILE),
    ("filesha1", FILE),
    ("filesha256", FILE),
    ("filesha512", FILE),
    ("formatdate", TIME),
    ("md5", DIGEST),
    ("pathexpand", FILE),
    ("plantimestamp", AT_RUN),
    ("rsadecrypt", CODE),
    ("sha1", DIGEST),
    ("sha256", DIGEST),
    ("sha512", DIGEST),
    ("templatefile", FILE),
    ("templatestring", "renders a template that is no part of the configuration"),
    ("textdecodebase64", CODE),
    ("textencodebase64", CODE),
    ("timeadd", TIME),
    ("timecmp", TIME),
    ("timestamp", AT_RUN),
    ("type", "is for the console"),
    ("uuid", AT_RUN),
    ("uuidv5", DIGEST),
];

/// What a call of a function comes to that is not in the tables.
pub(super) fn answer(name: &str) -> Kind {
    if name.starts_with("provider::") {
        return Kind::unknown(format!("{name}() is a provider's"));
    }
    let Some((_, why)) = OPAQUE.iter().find(|(known, _)| *known == name) else {
        return Kind::error(format!("there is no function {name}()"));
    };
    let result = match name {
        "fileexists" => Type::Bool,
        "timecmp" => Type::Number,
        "fileset" => Type::Set(Box::new(Type::Text)),
        _ => Type::Text,
    };
    Kind::Unknown(format!("{name}() {why}").into(), Some(result))
}
