//! For whom a route is meant, by its method and the names in its path.
//!
//! Comes in: a route, `GET /users`. Goes out: whether it is there for those who run a system, for everybody, or lists what is nobody's own. A name
//! proves nothing: what it says makes a question of a finding at most.

use crate::model::spelling;

/// Parts of the names in a path by which a route is meant for those who run a system, or for machines of its own.
const FOR_FEW: &[&str] = &[
    "actuator",
    "admin",
    "administration",
    "administrator",
    "admins",
    "backdoor",
    "backoffice",
    "console",
    "debug",
    "dev",
    "development",
    "env",
    "exec",
    "execute",
    "heapdump",
    "impersonate",
    "internal",
    "maintenance",
    "manage",
    "management",
    "migrate",
    "private",
    "purge",
    "root",
    "secret",
    "secrets",
    "seed",
    "shell",
    "staff",
    "sudo",
    "superuser",
    "truncate",
    "wipe",
];
/// What the last name of a path is where nobody can know yet who calls, or need not.
const FOR_ALL: &[&str] = &[
    "confirmregistration",
    "confirmsignup",
    "favicon.ico",
    "forgotpassword",
    "health",
    "healthcheck",
    "healthz",
    "heartbeat",
    "jwks.json",
    "liveness",
    "livez",
    "login",
    "logout",
    "openidconfiguration",
    "passwordreset",
    "ping",
    "readiness",
    "readyz",
    "recoverpassword",
    "refreshtoken",
    "register",
    "resendconfirmation",
    "resetpassword",
    "robots.txt",
    "signin",
    "signout",
    "signup",
    "tokenrefresh",
    "verifyemail",
    "version",
];
/// What the last name of a path is where it says so together with the one before it: `/auth/refresh`, `/password/reset`.
const STEPS: &[&str] = &["callback", "confirm", "forgot", "refresh", "reset", "token", "verify"];
/// The names before such a step.
const SIGNING_IN: &[&str] = &["auth", "authentication", "oauth", "oauth2", "password", "registration", "session", "signup", "token"];
/// What is listed and is nobody's but that of whom it is about, or of those who run the system; each without the `s` of many.
const OF_SOMEBODY: &[&str] = &[
    "account",
    "activitie",
    "addresse",
    "alert",
    "answer",
    "appointment",
    "asset",
    "attendance",
    "audit",
    "backup",
    "balance",
    "bill",
    "booking",
    "call",
    "candidate",
    "cart",
    "case",
    "chat",
    "claim",
    "client",
    "companie",
    "config",
    "connection",
    "contact",
    "contract",
    "conversation",
    "credential",
    "customer",
    "dashboard",
    "deal",
    "deliverie",
    "deployment",
    "device",
    "document",
    "donor",
    "download",
    "driver",
    "email",
    "employee",
    "error",
    "export",
    "file",
    "follower",
    "friend",
    "grade",
    "guest",
    "identitie",
    "import",
    "invitation",
    "invite",
    "invoice",
    "job",
    "key",
    "lead",
    "log",
    "mail",
    "match",
    "matche",
    "me",
    "measurement",
    "member",
    "message",
    "metric",
    "my",
    "note",
    "notification",
    "option",
    "order",
    "owner",
    "participant",
    "patient",
    "payment",
    "payout",
    "permission",
    "player",
    "policie",
    "prescription",
    "profile",
    "project",
    "purchase",
    "receipt",
    "record",
    "registration",
    "repair",
    "report",
    "request",
    "reservation",
    "resident",
    "response",
    "result",
    "role",
    "salarie",
    "score",
    "self",
    "sensor",
    "session",
    "setting",
    "shipment",
    "signup",
    "stat",
    "statistic",
    "student",
    "submission",
    "subscriber",
    "subscription",
    "survey",
    "task",
    "team",
    "tenant",
    "ticket",
    "token",
    "transaction",
    "transfer",
    "trip",
    "upload",
    "user",
    "vehicle",
    "visit",
    "visitor",
    "vote",
    "voter",
    "wallet",
    "webhook",
    "worker",
];

/// Whether the path of a route says that it is meant for those who run the system.
pub(super) fn is_for_few(route: &str) -> bool {
    words(route).any(|word| FOR_FEW.binary_search(&word.as_str()).is_ok())
}

/// Whether a route is one by which people come in or machines ask whether there is anybody, so that it cannot ask who calls: one of a few
/// well-known names, of which none says that it is meant for few.
pub(super) fn is_for_all(route: &str) -> bool {
    let Some((method, path)) = route.split_once(' ') else { return false };
    let mut names = path.rsplit('/').map(|name| name.to_ascii_lowercase().replace(['-', '_'], ""));
    let (last, before) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let is_known = |list: &[&str], name: &String| list.binary_search(&name.as_str()).is_ok();
    let is_step = is_known(STEPS, &last) && is_known(SIGNING_IN, &before);
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "POST") && (is_known(FOR_ALL, &last) || is_step) && !is_for_few(route)
}

/// Whether a route lists things of a kind that is nobody's own, by the plural at the end of its path: `GET /products`.
pub(super) fn is_catalogue(route: &str) -> bool {
    let Some(("GET" | "HEAD", path)) = route.split_once(' ') else { return false };
    let own: Vec<String> = words(route).filter(|word| !word.is_empty()).collect();
    let is_of_somebody = |word: &String| OF_SOMEBODY.binary_search(&word.strip_suffix('s').unwrap_or(word)).is_ok();
    let is_plural = |word: &String| word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    !path.contains('{') && own.last().is_some_and(is_plural) && !own.iter().any(is_of_somebody) && !is_for_few(route)
}

/// The words in the path of a route, in small letters.
fn words(route: &str) -> impl Iterator<Item = String> {
    spelling::words(route.split_once(' ').map_or("", |(_, path)| path))
}

#[cfg(test)]
mod tests {
    use super::{FOR_ALL, FOR_FEW, OF_SOMEBODY, SIGNING_IN, STEPS, is_catalogue, is_for_all, is_for_few};

    #[test]
    fn words_are_in_order() {
        assert!([FOR_ALL, FOR_FEW, OF_SOMEBODY, SIGNING_IN, STEPS].iter().all(|list| list.is_sorted()));
    }

    #[test]
    fn a_catalogue_lists_what_is_nobodys_own() {
        for (route, expected) in [
            ("GET /products", true),
            ("GET /api/v1/surf-breaks", true),
            ("GET /products/{id}", false),
            ("POST /products", false),
            ("GET /users", false),
            ("GET /user/products", false),
            ("GET /status", false),
            ("GET /orders/exports", false),
            ("GET /internal/products", false),
            ("GET /product", false),
        ] {
            assert_eq!(is_catalogue(route), expected, "{route}");
        }
    }

    #[test]
    fn paths_say_for_whom_a_route_is_meant() {
        for (route, few, all) in [
            ("GET /users", false, false),
            ("POST /v1/dev/auth/login", true, false),
            ("GET /users/adminReport", true, false),
            ("GET /administrivia", false, false),
            ("POST /sign-in", false, true),
            ("POST /api/signUp", false, true),
            ("GET /health", false, true),
            ("DELETE /login", false, false),
            ("POST /login/{proxy+}", false, false),
            ("POST /auth/refresh", false, true),
            ("POST /password/reset", false, true),
            ("POST /v1/forgot-password", false, true),
            ("POST /machine/reset", false, false),
            ("GET /users/token", false, false),
            ("ANY /login", false, false),
        ] {
            assert_eq!((is_for_few(route), is_for_all(route)), (few, all), "{route}");
        }
    }
}
