//! `AWS::Serverless::GraphQLApi`: an AppSync API with its schema, keys, data sources, functions and resolvers.
//!
//! Comes in: the API. Goes out: AppSync's own resources, and the roles and policies with which data sources reach tables and functions.

use crate::formats::sam::Expansion;
use crate::formats::sam::connector;
use crate::formats::sam::function;
use crate::formats::sam::pen::{Fields, Pen, entry_span, lines};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::{Entry, Property, Resource, Value};

const NOT_API: &[&str] =
    &["ApiKeys", "Auth", "Cache", "DataSources", "DomainName", "Functions", "Logging", "Resolvers", "SchemaInline", "SchemaUri", "Tags"];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    let properties = api.properties;
    let pen = expansion.pen(properties.span);
    let index = expansion.len();
    let mut fields = Fields::of(pen, properties, NOT_API);
    add_authentication(&mut fields, pen, &properties);
    add_logging(expansion, api, &mut fields);
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    expansion.restate_at(index, api, "AWS::AppSync::GraphQLApi", fields.done());
    let mut schema = part(pen, api);
    schema.rename(&properties, "SchemaInline", "Definition");
    schema.rename(&properties, "SchemaUri", "DefinitionS3Location");
    expansion.imply(api, &format!("{}Schema", api.address), "AWS::AppSync::GraphQLSchema", schema.done());
    add_authorizer_permissions(expansion, api);
    add_keys_and_domain(expansion, api);
    add_data_sources(expansion, api);
    add_functions(expansion, api);
    add_resolvers(expansion, api);
}

fn part<'t>(pen: Pen<'t>, api: &Resource<'t>) -> Fields<'t> {
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.attribute(api.address, "ApiId"));
    fields
}

fn entries<'t>(properties: &Property<'t>, path: &str) -> &'t [Entry<'t>] {
    properties.at(path).map_or(&[], Property::entries)
}

fn add_authentication<'t>(fields: &mut Fields<'t>, pen: Pen<'t>, properties: &Property<'t>) {
    let Some(auth) = properties.get("Auth") else { return };
    copy_authentication(fields, auth);
    let additional: Vec<_> = auth
        .get("Additional")
        .map_or(&[][..], Property::items)
        .iter()
        .map(|provider| {
            let mut fields = Fields::new(pen.at(provider.span));
            copy_authentication(&mut fields, provider);
            fields.done()
        })
        .collect();
    if !additional.is_empty() {
        fields.put("AdditionalAuthenticationProviders", pen.list(&additional));
    }
}

fn copy_authentication<'t>(fields: &mut Fields<'t>, auth: &Property<'t>) {
    fields.rename(auth, "Type", "AuthenticationType");
    fields.rename(auth, "UserPool", "UserPoolConfig");
    fields.rename(auth, "OpenIDConnect", "OpenIDConnectConfig");
    fields.rename(auth, "LambdaAuthorizer", "LambdaAuthorizerConfig");
}

/// Everything is logged unless the template says otherwise.
fn add_logging<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>, fields: &mut Fields<'t>) {
    let logging = api.properties.get("Logging");
    if matches!(logging, Some(Property { value: Value::Bool(false), .. })) {
        return;
    }
    let pen = expansion.pen(entry_span(&api.properties, "Logging"));
    let mut config = Fields::new(pen);
    config.put("FieldLogLevel", pen.text("ALL"));
    if let Some(logging) = logging {
        config.copy(logging, &["ExcludeVerboseContent", "FieldLogLevel", "CloudWatchLogsRoleArn"]);
    }
    if logging.is_none_or(|logging| logging.get("CloudWatchLogsRoleArn").is_none()) {
        let address = format!("{}CloudWatchRole", api.address);
        let mut grants = Grants::default();
        grants.add_managed(pen, "AWSAppSyncPushToCloudWatchLogs");
        policy::add_service_role(expansion, api, &address, "appsync.amazonaws.com", &grants, pen);
        config.put("CloudWatchLogsRoleArn", pen.attribute(&address, "Arn"));
    }
    fields.put("LogConfig", config.done());
}

fn add_authorizer_permissions<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    let Some(auth) = api.properties.get("Auth") else { return };
    let providers = std::iter::once(auth).chain(auth.get("Additional").map_or(&[][..], Property::items));
    let functions = providers.filter_map(|provider| provider.at("LambdaAuthorizer.AuthorizerUri"));
    for (index, function) in functions.enumerate() {
        let pen = expansion.pen(function.span);
        let source = pen.map(&[
            ("Type", pen.text("AWS::AppSync::GraphQLApi")),
            ("Arn", pen.resource(api.address)),
            ("ResourceId", pen.attribute(api.address, "ApiId")),
        ]);
        let destination = pen.map(&[("Type", pen.text("AWS::Lambda::Function")), ("Arn", *function)]);
        let address = format!("{}ToLambdaAuthConnector{}", api.address, index + 1);
        connector::connect(expansion, api, &address, pen, source, destination, pen.texts(&["Write"]));
    }
}

fn add_keys_and_domain<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    for key in entries(&api.properties, "ApiKeys") {
        let mut fields = part(expansion.pen(lines(key)), api);
        fields.copy(&key.value, &["ApiKeyId", "Description"]);
        fields.rename(&key.value, "ExpiresOn", "Expires");
        expansion.imply(api, &[api.address, key.key].concat(), "AWS::AppSync::ApiKey", fields.done());
    }
    if let Some(cache) = api.properties.get("Cache") {
        let mut fields = Fields::of(expansion.pen(cache.span), *cache, &[]);
        fields.put("ApiId", expansion.pen(cache.span).attribute(api.address, "ApiId"));
        expansion.imply(api, &format!("{}ApiCache", api.address), "AWS::AppSync::ApiCache", fields.done());
    }
    if let Some(domain) = api.properties.get("DomainName") {
        let pen = expansion.pen(domain.span);
        let address = format!("{}DomainName", api.address);
        expansion.imply(api, &address, "AWS::AppSync::DomainName", *domain);
        let mut fields = part(pen, api);
        fields.put("DomainName", pen.resource(&address));
        let association = format!("{address}ApiAssociation");
        expansion.imply(api, &association, "AWS::AppSync::DomainNameApiAssociation", fields.done());
    }
}

fn add_data_sources<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    for entry in entries(&api.properties, "DataSources.DynamoDb") {
        let pen = expansion.pen(lines(entry));
        let table = &entry.value;
        let mut config = Fields::new(pen);
        config.copy(table, &["TableName", "UseCallerCredentials", "Versioned", "DeltaSync"]);
        let region = table.get("Region").copied().unwrap_or_else(|| pen.pattern("${AWS::Region}", |_| None));
        config.put("AwsRegion", region);
        let arn = table.get("TableArn").copied().unwrap_or_else(|| table_arn(pen, table));
        let permissions = table.get("Permissions").copied().unwrap_or_else(|| pen.texts(&["Read", "Write"]));
        let end = pen.map(&[("Type", pen.text("AWS::DynamoDB::Table")), ("Arn", arn)]);
        let kind = [("Type", pen.text("AMAZON_DYNAMODB")), ("DynamoDBConfig", config.done())];
        add_data_source(expansion, api, entry, ["DynamoDB", "Table"], &kind, end, permissions);
    }
    for entry in entries(&api.properties, "DataSources.Lambda") {
        let pen = expansion.pen(lines(entry));
        let function = entry.value.get("FunctionArn").copied().unwrap_or_else(|| pen.unknown("the function is not given"));
        let end = pen.map(&[("Type", pen.text("AWS::Lambda::Function")), ("Arn", function)]);
        let kind = [("Type", pen.text("AWS_LAMBDA")), ("LambdaConfig", pen.map(&[("LambdaFunctionArn", function)]))];
        add_data_source(expansion, api, entry, ["Lambda", "Lambda"], &kind, end, pen.texts(&["Write"]));
    }
}

fn table_arn<'t>(pen: Pen<'t>, table: &Property<'t>) -> Property<'t> {
    let name = table.get("TableName").copied().unwrap_or_else(|| pen.unknown("the table is not given"));
    pen.arn("dynamodb", &[pen.text("table/"), name])
}

/// `names` are the words for the source's type in the data source's address and in that of its policy.
fn add_data_source<'t>(
    expansion: &mut Expansion<'t, '_>,
    api: &Resource<'t>,
    entry: &Entry<'t>,
    names: [&str; 2],
    kind: &[(&str, Property<'t>)],
    destination: Property<'t>,
    permissions: Property<'t>,
) {
    let pen = expansion.pen(lines(entry));
    let address = format!("{}{}{}DataSource", api.address, entry.key, names[0]);
    let role_address = format!("{address}Role");
    let role = entry.value.get("ServiceRoleArn");
    let mut fields = part(pen, api);
    fields.put("Name", entry.value.get("Name").copied().unwrap_or_else(|| pen.text(entry.key)));
    kind.iter().for_each(|(key, value)| fields.put(key, *value));
    fields.put("ServiceRoleArn", role.copied().unwrap_or_else(|| pen.attribute(&role_address, "Arn")));
    expansion.imply(api, &address, "AWS::AppSync::DataSource", fields.done());
    if role.is_some() {
        return;
    }
    policy::add_service_role(expansion, api, &role_address, "appsync.amazonaws.com", &Grants::default(), pen);
    let source = pen.map(&[
        ("Type", pen.text("AWS::AppSync::DataSource")),
        ("Arn", pen.resource(&address)),
        ("RoleName", pen.resource(&role_address)),
    ]);
    connector::connect(expansion, api, &format!("{address}To{}Connector", names[1]), pen, source, destination, permissions);
}

/// The data source of a name in this API, or what the template refers to; `NONE` is one that reaches nothing.
fn data_source_name<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>, pen: Pen<'t>, stated: &Property<'t>) -> Property<'t> {
    let Some(name) = stated.literal() else { return *stated };
    if name.eq_ignore_ascii_case("none") {
        let address = format!("{}NoneDataSource", api.address);
        let mut fields = part(pen, api);
        fields.put("Name", pen.text(&address));
        fields.put("Type", pen.text("NONE"));
        expansion.imply(api, &address, "AWS::AppSync::DataSource", fields.done());
        return pen.attribute(&address, "Name");
    }
    let is_table = entries(&api.properties, "DataSources.DynamoDb").iter().any(|entry| entry.key == name);
    pen.attribute(&format!("{}{name}{}DataSource", api.address, if is_table { "DynamoDB" } else { "Lambda" }), "Name")
}

fn add_functions<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    for entry in entries(&api.properties, "Functions").iter().filter(|entry| entry.value.get("Id").is_none()) {
        let pen = expansion.pen(lines(entry));
        let mut fields = part(pen, api);
        fields.put("Name", entry.value.get("Name").copied().unwrap_or_else(|| pen.text(entry.key)));
        if let Some(source) = entry.value.get("DataSource") {
            let name = data_source_name(expansion, api, pen, source);
            fields.put("DataSourceName", name);
        }
        fields.rename(&entry.value, "InlineCode", "Code");
        fields.rename(&entry.value, "CodeUri", "CodeS3Location");
        fields.copy(&entry.value, &["Runtime"]);
        expansion.imply(api, &[api.address, entry.key].concat(), "AWS::AppSync::FunctionConfiguration", fields.done());
    }
}

fn add_resolvers<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    let stated_id = |name: &str| {
        entries(&api.properties, "Functions").iter().find(|entry| entry.key == name).and_then(|entry| entry.value.get("Id")).copied()
    };
    for kind in entries(&api.properties, "Resolvers") {
        for entry in kind.value.entries() {
            let pen = expansion.pen(lines(entry));
            let functions = entry.value.get("Pipeline").map_or(&[][..], Property::items).iter().filter_map(Property::literal);
            let functions =
                functions.map(|name| stated_id(name).unwrap_or_else(|| pen.attribute(&[api.address, name].concat(), "FunctionId")));
            let functions: Vec<_> = functions.collect();
            let mut fields = part(pen, api);
            fields.put("TypeName", pen.text(kind.key));
            fields.put("FieldName", entry.value.get("FieldName").copied().unwrap_or_else(|| pen.text(entry.key)));
            fields.put("Kind", pen.text("PIPELINE"));
            fields.put("PipelineConfig", pen.map(&[("Functions", pen.list(&functions))]));
            fields.rename(&entry.value, "InlineCode", "Code");
            fields.rename(&entry.value, "CodeUri", "CodeS3Location");
            fields.copy(&entry.value, &["Runtime"]);
            expansion.imply(api, &[api.address, kind.key, entry.key].concat(), "AWS::AppSync::Resolver", fields.done());
        }
    }
}
