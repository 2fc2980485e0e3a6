//! `AWS::Serverless::CapacityProvider`: instances of one's own on which functions run, and the role that manages them.

use crate::formats::sam::Expansion;
use crate::formats::sam::function;
use crate::formats::sam::pen::Fields;
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::Resource;

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, provider: &Resource<'t>) {
    let properties = provider.properties;
    let pen = expansion.pen(properties.span);
    let role_address = format!("{}OperatorRole", provider.address);
    let stated = properties.get("OperatorRole");
    let role = stated.copied().unwrap_or_else(|| pen.attribute(&role_address, "Arn"));
    let mut fields = Fields::of(pen, properties, &["OperatorRole", "PropagateTags", "ScalingConfig", "Tags"]);
    fields.put("PermissionsConfig", pen.map(&[("CapacityProviderOperatorRoleArn", role)]));
    fields.rename(&properties, "ScalingConfig", "CapacityProviderScalingConfig");
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    expansion.restate(provider, "AWS::Lambda::CapacityProvider", fields.done());
    if stated.is_none() {
        let mut grants = Grants::default();
        grants.add_managed(pen, "AWSLambdaManagedEC2ResourceOperator");
        policy::add_service_role(expansion, provider, &role_address, "lambda.amazonaws.com", &grants, pen);
    }
}
