//! Terraform and OpenTofu.
//!
//! Comes in: files in HCL. What is here so far is the schema that the language has of itself.

pub mod schema;
