module.exports.statements = [{Effect: "Allow", Action: "*", Resource: "*"}];
