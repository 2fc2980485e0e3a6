//! `astride sandbox --web` as a person uses it: the page over HTTP, and what comes from elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;
mod program;
mod sandbox_page;

use local::{Local, OPEN_QUEUE, QUEUE};
use sandbox_page::{Shown, encoded};

/// A command, a decision and a fix, each by its form; the page says what came of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_answered_and_a_fix_turns_the_check_green() {
    let shown = Shown::begin(&[]);
    let page = shown.page().await;
    for part in ["Astride: 1 threat needs an answer", "action required", "<svg", "Review thread on intake/template.yaml, line 30", "3 more"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("<ins>+        AuthType: NONE</ins>"), "{page}");
    let details = page.split('"').find(|part| part.contains("/checks/")).expect("the check links to the report").to_owned();
    let (service, path) = details.trim_start_matches("http://").split_once('/').unwrap();
    let report = program::get(service, service, &format!("/{path}")).await;
    assert!(report.starts_with("HTTP/1.1 200") && report.contains("Judged at ") && report.contains("IntakeFn"), "{report}");
    let place = shown.form("comments", &[("by", "maria"), ("body", "/stride help")]).await;
    let page = shown.page().await;
    assert!(page.contains(&format!("id=\"{place}\"")) && page.contains("👀 seen") && page.contains("👍 done"), "{place}: {page}");
    let thread = page.split_once("id=\"reply").unwrap().1.split('"').next().unwrap().to_owned();
    shown.form("comments", &[("by", "li"), ("body", "/stride accept it is public on purpose"), ("thread", &thread)]).await;
    assert!(shown.page().await.contains("stride confirm"), "an author only proposes");
    assert_eq!(shown.form("fixes", &[("number", "1")]).await, "checks");
    let page = shown.page().await;
    assert!(page.contains("astride: success") && page.contains("resolved by astride[bot]"), "{page}");
    let (status, out, err) = shown.end();
    assert!(status.success() && out.contains("The check is green: the pull request can be merged."), "{out}{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_pushed_as_it_was_edited() {
    let shown = Shown::begin(&[]);
    let text = include_str!("../src/sandbox/example/head/intake/template.yaml");
    let edit = |text: &str| vec![("path", "intake/template.yaml".to_owned()), ("text", text.replace('\n', "\r\n"))];
    let same = shown.post("edits", &edit(text)).await;
    assert!(same.starts_with("HTTP/1.1 422") && same.contains("intake/template.yaml is as it was: nothing to push"), "{same}");
    let fixed = shown.post("edits", &edit(&text.replace("AuthType: NONE", "AuthType: AWS_IAM"))).await;
    assert!(fixed.starts_with("HTTP/1.1 303"), "{fixed}");
    let page = shown.page().await;
    assert!(page.contains("Edit intake/template.yaml") && page.contains("astride: success"), "{page}");
    // The text area's own ends of lines are no change of the file's.
    assert!(!page.contains("-Resources:"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_the_comment_lead_to_the_line() {
    let shown = Shown::begin(&[]);
    let page = shown.page().await;
    let link = page.split('"').find(|part| part.contains("/blob/") && part.ends_with("#L30")).unwrap().to_owned();
    let path = link.strip_prefix(&format!("http://{}", shown.address)).expect("it leads to this page").trim_end_matches("#L30");
    let file = shown.get(path).await;
    assert!(file.starts_with("HTTP/1.1 200") && file.contains("<li id=\"L30\"><code>        AuthType: NONE</code></li>"), "{file}");
    for gone in [path.replace("template.yaml", "..%2f..%2fetc%2fpasswd"), path.replace("/blob/", "/blob/0"), format!("{path}/x")] {
        assert!(shown.get(&gone).await.starts_with("HTTP/1.1 404"), "{gone}");
    }
}

/// DNS rebinding, forms of other pages, and whoever does not know the path.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_from_elsewhere_is_refused() {
    let shown = Shown::begin(&[]);
    let (address, token) = (shown.address.clone(), shown.token().await);
    let own = format!("http://{address}");
    let ask = async |method: &str, path: &str, host: &str, origin: Option<&str>, body: &str| {
        let origin = origin.map(|origin| format!("origin: {origin}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{origin}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        program::send(&address, &request).await
    };
    let (pull, comments) = (shown.pull.clone(), format!("{}/comments", shown.pull));
    let body = format!("token={token}&by=maria&body=hello");
    let foreign = [
        ("GET", pull.as_str(), "evil.example", None, "", 421),
        ("GET", &pull.replace("/acme", "x/acme"), &address, None, "", 404),
        ("GET", "/", &address, None, "", 404),
        ("GET", "/page.css", &address, None, "", 404),
        ("POST", &comments, "evil.example", Some(own.as_str()), &body, 421),
        ("POST", &comments, &address, None, &body, 403),
        ("POST", &comments, &address, Some("null"), &body, 403),
        ("POST", &comments, &address, Some("http://evil.example"), &body, 403),
        ("POST", &comments, &address, Some(&own), "token=x&by=maria&body=hello", 403),
        ("POST", &comments, &address, Some(&own), &format!("token={token}&by=astride%5Bbot%5D&body=hello"), 422),
        ("POST", &comments, &address, Some(&own), &format!("token={token}&by=maria&body=++"), 422),
        ("POST", &format!("{pull}/fixes"), &address, Some(&own), "token=&number=1", 403),
        ("POST", &format!("{pull}/fixes"), &address, Some(&own), &format!("token={token}&number=99"), 422),
        ("POST", &format!("{pull}/edits"), &address, Some(&own), &format!("token={token}&path=other.yaml&text=x"), 422),
    ];
    for (method, path, host, origin, body, status) in foreign {
        let answer = ask(method, path, host, origin, body).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path} of {host}, {origin:?}: {answer}");
        for header in ["content-security-policy: default-src 'none';", "cache-control: no-store", "x-frame-options: DENY"] {
            assert!(answer.contains(header), "{header}: {answer}");
        }
    }
    let page = shown.page().await;
    assert!(!page.contains(">hello") && !page.contains("Edit other"), "{page}");
    assert!(ask("POST", &comments, &address, Some(&own), &body).await.starts_with("HTTP/1.1 303"));
    assert!(shown.page().await.contains("<p>hello</p>"));
}

/// What people and files are called is text, wherever it is shown, and so is what they say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_stay_text() {
    const NAME: &str = "<img src=x onerror=alert(1)>&\"'.yaml";
    let local = Local::with(&[(NAME, QUEUE)]);
    local.commit("<script>alert(1)</script> \"open\"", &[(NAME, OPEN_QUEUE)]);
    let shown = Shown::begin(&["--repo", &local.path().display().to_string(), "--base", "main", "--head", "work"]);
    let hostile = "</textarea><script>alert(2)</script>\n\n<svg onload=alert(3)>\n[x](javascript:alert(4))\n![x](http://evil.example/a.png)\n</article></main>";
    shown.form("comments", &[("by", "maria"), ("body", hostile)]).await;
    let drafted = shown.get(&format!("{}?draft={}", shown.pull, encoded(hostile))).await;
    for page in [shown.page().await, drafted] {
        let tags: Vec<&str> = page.split('<').skip(1).map(|tag| tag.split([' ', '>', '\n']).next().unwrap()).collect();
        for tag in ["script", "img", "/script"] {
            assert!(!tags.contains(&tag), "<{tag}>: {page}");
        }
        assert_eq!(page.matches("<svg").count(), page.matches("<svg xmlns").count(), "only our own picture: {page}");
        assert_eq!((page.matches("</main>").count(), page.matches("<textarea").count()), (1, page.matches("</textarea>").count()));
        assert!(!page.contains("href=\"javascript:") && page.contains("&lt;img src=x onerror=alert(1)&gt;"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_holds_together() {
    let local = Local::begin();
    for (arguments, expected) in [
        (&["sandbox", "--open"][..], "--web"),
        (&["sandbox", "--port", "1"], "--web"),
        (&["sandbox", "--web", "--script", "x"], "cannot be used with"),
    ] {
        let refused = local.astride(arguments).refused();
        assert!(refused.contains(expected), "{refused}");
    }
    let shown = Shown::begin(&["--example", "terraform"]);
    assert!(shown.page().await.contains("intake/main.tf"));
    let taken = local.astride(&["sandbox", "--web", "--port", shown.address.rsplit(':').next().unwrap()]).refused();
    assert!(taken.contains("port ") && taken.contains("of 127.0.0.1"), "{taken}");
    let (status, out, _) = shown.end();
    assert_eq!(status.code(), Some(1), "{out}");
    assert!(out.ends_with("The check is not green.\n"), "{out}");
}
