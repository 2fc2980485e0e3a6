//! Layers that the service makes, and who else may use them.
//!
//! Comes in: the section `layers`. Goes out: resources of the stack.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, lines, one_or_many, present};
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;

pub(super) fn add_all<'t>(variables: &Variables<'t, '_>, stack: &mut Stack<'t>) {
    for entry in variables.entries("layers") {
        let pen = stack.pen(lines(&entry));
        let mut fields = Fields::new(pen);
        fields.put("LayerName", pen.text(entry.key));
        fields.rename(
            entry.value,
            &[
                ("name", "LayerName"),
                ("description", "Description"),
                ("licenseInfo", "LicenseInfo"),
                ("compatibleRuntimes", "CompatibleRuntimes"),
                ("compatibleArchitectures", "CompatibleArchitectures"),
            ],
        );
        let normalized = naming::normalized(entry.key);
        let address = [&normalized, "LambdaLayer"].concat();
        stack.add(&address, "AWS::Lambda::LayerVersion", fields.done());
        for account in one_or_many(present(entry.value, "allowedAccounts")) {
            let Some(name) = account.scalar() else { continue };
            let pen = pen.at(account.span);
            let allowed =
                [("Action", pen.text("lambda:GetLayerVersion")), ("LayerVersionArn", pen.reference(&address)), ("Principal", account)];
            let permission = [&normalized, &*name.replace('*', "Wild"), "LambdaLayerPermission"].concat();
            stack.add(&permission, "AWS::Lambda::LayerVersionPermission", pen.map(&allowed));
        }
    }
}
