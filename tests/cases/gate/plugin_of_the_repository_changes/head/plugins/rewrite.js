module.exports = class { constructor(sls) { sls.service.provider.iam = {role: {managedPolicies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}}; } };
