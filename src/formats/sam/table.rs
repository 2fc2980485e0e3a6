//! `AWS::Serverless::SimpleTable`: a DynamoDB table with one key.

use crate::formats::sam::Expansion;
use crate::formats::sam::function;
use crate::formats::sam::pen::Fields;
use crate::model::resource::{Property, Resource, Value};

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, table: &Resource<'t>) {
    let properties = table.properties;
    let pen = expansion.pen(properties.span);
    let key = properties.get("PrimaryKey");
    let name = key.and_then(|key| key.get("Name")).copied().unwrap_or_else(|| pen.text("id"));
    let kind = key.and_then(|key| key.get("Type")).and_then(Property::literal);
    let letter = match kind {
        Some("Number") => "N",
        Some("Binary") => "B",
        _ => "S",
    };
    let mut fields = Fields::of(pen, properties, &["PrimaryKey", "Tags"]);
    fields.put("AttributeDefinitions", pen.list(&[pen.map(&[("AttributeName", name), ("AttributeType", pen.text(letter))])]));
    fields.put("KeySchema", pen.list(&[pen.map(&[("AttributeName", name), ("KeyType", pen.text("HASH"))])]));
    if !matches!(properties.get("ProvisionedThroughput"), Some(Property { value: Value::Map(_), .. })) {
        fields.put("BillingMode", pen.text("PAY_PER_REQUEST"));
    }
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    expansion.restate(table, "AWS::DynamoDB::Table", fields.done());
}
