//! What a resource type is: kind of element, facts with their defaults and sources, and what makes flows.
//!
//! Comes in: neutral resources. Goes out: elements, flows, boundaries and facts. Never names a notation.
