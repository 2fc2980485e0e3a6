//! `database/dynamodb-single-table`: a table that every function may use.

use crate::formats::serverless::lift::Construct;
use crate::formats::serverless::pen::{Fields, Pen};
use crate::formats::serverless::stack::Stack;

const ACTIONS: [&str; 8] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:UpdateItem",
];

pub(super) fn add<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let table = construct.part("Table");
    let mut fields = Fields::new(pen);
    fields.put("BillingMode", pen.text("PAY_PER_REQUEST"));
    let key = |name: &str, kind: &str| pen.map(&[("AttributeName", pen.text(name)), ("KeyType", pen.text(kind))]);
    fields.put("KeySchema", pen.list(&[key("PK", "HASH"), key("SK", "RANGE")]));
    fields.put("PointInTimeRecoverySpecification", pen.map(&[("PointInTimeRecoveryEnabled", pen.flag(true))]));
    fields.put("StreamSpecification", pen.map(&[("StreamViewType", pen.text("NEW_AND_OLD_IMAGES"))]));
    let expiry = [("AttributeName", pen.text("TimeToLive")), ("Enabled", pen.flag(true))];
    fields.put("TimeToLiveSpecification", pen.map(&expiry));
    stack.add_with(&table, "AWS::DynamoDB::Table", fields.done(), &[("DeletionPolicy", pen.text("Retain"))]);
    let indexes = pen.joined(&[pen.attribute(&table, "Arn"), pen.text("/index/*")]);
    stack.grant_all(pen.allow(&ACTIONS, &[pen.attribute(&table, "Arn"), indexes]));
}
