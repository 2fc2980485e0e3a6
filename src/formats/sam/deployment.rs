//! `DeploymentPreference` of functions: CodeDeploy's application, one deployment group a function, and their role.
//!
//! Comes in: a function with its globals. Goes out: resources that all functions of the template share, once, and the function's own group.

use crate::formats::sam::Expansion;
use crate::formats::sam::pen::{Fields, entry_span};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::{Property, Resource};

pub fn add_group<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>) {
    let Some(preference) = function.properties.get("DeploymentPreference") else { return };
    if preference.get("Enabled").and_then(Property::literal) == Some("false") {
        return;
    }
    let pen = expansion.pen(entry_span(&function.properties, "DeploymentPreference"));
    let application = expansion.scoped("ServerlessDeploymentApplication");
    let platform = pen.map(&[("ComputePlatform", pen.text("Lambda"))]);
    expansion.imply(function, application, "AWS::CodeDeploy::Application", platform);
    let role = match preference.get("Role") {
        Some(role) => *role,
        None => add_service_role(expansion, function),
    };
    let mut fields = Fields::new(pen);
    fields.put("ApplicationName", pen.resource(application));
    fields.put("ServiceRoleArn", role);
    fields.rename(preference, "Type", "DeploymentConfigName");
    let address = format!("{}DeploymentGroup", function.address);
    expansion.imply(function, &address, "AWS::CodeDeploy::DeploymentGroup", fields.done());
}

fn add_service_role<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>) -> Property<'t> {
    let pen = expansion.pen(entry_span(&function.properties, "DeploymentPreference"));
    let address = expansion.scoped("CodeDeployServiceRole");
    let mut grants = Grants::default();
    grants.add_managed(pen, "AWSCodeDeployRoleForLambda");
    policy::add_service_role(expansion, function, address, "codedeploy.amazonaws.com", &grants, pen);
    pen.attribute(address, "Arn")
}
