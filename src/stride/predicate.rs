//! The closed grammar of predicates over facts, and how a text becomes one.
//!
//! ```text
//! expr := and { "or" and }      and := not { "and" not }      not := "not" not | "(" expr ")" | atom
//! atom := fact                                    truthy: a flag that is set, a list that is not empty
//!       | fact ("==" | "!=") literal
//!       | fact ("<" | "<=" | ">" | ">=") literal
//!       | fact "in" "[" literal { "," literal } "]"     for a set: any of
//!       | fact "has" literal                            sets only
//! ```
//!
//! This file is also compiled into `build.rs`, so it names nothing of the crate: facts and words are indices that the caller looks up.

/// A predicate in postfix order: each atom pushes one truth value, `Not` takes one, `And` and `Or` take two.
pub type Predicate = &'static [Op];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Always,
    Truthy(u8),
    Is(u8, Literal),
    In(u8, &'static [Literal]),
    Has(u8, u16),
    Compare(u8, Comparison, Literal),
    Not,
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    Word(u16),
    Flag(bool),
    /// In thousandths.
    Number(i64),
    Never,
}

/// What the parser must know of the vocabulary.
pub trait Vocabulary {
    fn fact(&self, name: &str) -> Option<u8>;
    /// The word's index, if the fact allows that word.
    fn word(&self, fact: u8, name: &str) -> Option<u16>;
    /// `enum`, `set`, `flag`, `number` or `list`.
    fn fact_type(&self, fact: u8) -> &'static str;
}

/// The same predicate, owned, as parsing yields it.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    Always,
    Truthy(u8),
    Is(u8, Literal),
    In(u8, Vec<Literal>),
    Has(u8, u16),
    Compare(u8, Comparison, Literal),
    Not,
    And,
    Or,
}

/// Parses a predicate.
///
/// # Errors
/// A sentence that names the token that surprised us.
pub fn parse(text: &str, vocabulary: &dyn Vocabulary) -> Result<Vec<Parsed>, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, vocabulary, out: Vec::new() };
    parser.expr()?;
    match parser.peek() {
        None => Ok(parser.out),
        Some(token) => Err(format!("unexpected `{token}` in `{text}`")),
    }
}

fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = if ["==", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) {
            2
        } else if rest.starts_with(['<', '>', '(', ')', '[', ']', ',']) {
            1
        } else {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len())
        };
        if length == 0 {
            return Err(format!("unexpected character at `{rest}`"));
        }
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser<'p> {
    tokens: &'p [&'p str],
    at: usize,
    vocabulary: &'p dyn Vocabulary,
    out: Vec<Parsed>,
}

impl<'p> Parser<'p> {
    fn peek(&self) -> Option<&'p str> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Result<&'p str, String> {
        let token = self.peek().ok_or("the predicate ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn expr(&mut self) -> Result<(), String> {
        self.conjunction()?;
        while self.eat("or") {
            self.conjunction()?;
            self.out.push(Parsed::Or);
        }
        Ok(())
    }

    fn conjunction(&mut self) -> Result<(), String> {
        self.negation()?;
        while self.eat("and") {
            self.negation()?;
            self.out.push(Parsed::And);
        }
        Ok(())
    }

    fn negation(&mut self) -> Result<(), String> {
        if self.eat("not") {
            self.negation()?;
            self.out.push(Parsed::Not);
            return Ok(());
        }
        if self.eat("(") {
            self.expr()?;
            return if self.eat(")") { Ok(()) } else { Err("missing `)`".to_owned()) };
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<(), String> {
        let name = self.next()?;
        let fact = self.vocabulary.fact(name).ok_or_else(|| format!("unknown fact `{name}`"))?;
        let parsed = match self.peek() {
            Some("==") => {
                self.at += 1;
                Parsed::Is(fact, self.literal(fact)?)
            }
            Some("!=") => {
                self.at += 1;
                let literal = self.literal(fact)?;
                self.out.push(Parsed::Is(fact, literal));
                Parsed::Not
            }
            Some(sign @ ("<" | "<=" | ">" | ">=")) => {
                self.at += 1;
                let comparison = match sign {
                    "<" => Comparison::Less,
                    "<=" => Comparison::LessOrEqual,
                    ">" => Comparison::More,
                    _ => Comparison::MoreOrEqual,
                };
                Parsed::Compare(fact, comparison, self.literal(fact)?)
            }
            Some("in") => {
                self.at += 1;
                Parsed::In(fact, self.list(fact)?)
            }
            Some("has") => {
                self.at += 1;
                let word = self.next()?;
                if self.vocabulary.fact_type(fact) != "set" {
                    return Err(format!("`{name} has` needs a set"));
                }
                Parsed::Has(fact, self.vocabulary.word(fact, word).ok_or_else(|| format!("`{name}` knows no `{word}`"))?)
            }
            _ => match self.vocabulary.fact_type(fact) {
                "flag" | "list" => Parsed::Truthy(fact),
                other => return Err(format!("`{name}` is a {other} and needs a comparison")),
            },
        };
        self.out.push(parsed);
        Ok(())
    }

    fn list(&mut self, fact: u8) -> Result<Vec<Literal>, String> {
        if !self.eat("[") {
            return Err("missing `[`".to_owned());
        }
        let mut literals = vec![self.literal(fact)?];
        while self.eat(",") {
            literals.push(self.literal(fact)?);
        }
        if self.eat("]") { Ok(literals) } else { Err("missing `]`".to_owned()) }
    }

    fn literal(&mut self, fact: u8) -> Result<Literal, String> {
        let token = self.next()?;
        let literal = match self.vocabulary.fact_type(fact) {
            "flag" => match token {
                "true" => Some(Literal::Flag(true)),
                "false" => Some(Literal::Flag(false)),
                _ => None,
            },
            "number" if token == "never" => Some(Literal::Never),
            "number" => thousandths(token).map(Literal::Number),
            _ => self.vocabulary.word(fact, token).map(Literal::Word),
        };
        literal.ok_or_else(|| format!("`{token}` is no answer of that fact"))
    }
}

/// `1.2` is 1200. `None` for anything that is no plain decimal number.
pub fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let fraction: i64 = format!("{fraction:0<3}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(sign * fraction)
}
