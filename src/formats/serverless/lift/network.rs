//! `vpc`: a network over two zones, each with a public subnet with a gateway of its own for what is in the private one. All functions are
//! placed in it.

use crate::formats::serverless::lift::{Construct, Kind};
use crate::formats::serverless::pen::Pen;
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

/// How many zones the construct asks for.
const ZONES: [u32; 2] = [1, 2];

/// The setting `vpc` that the provider has by the first such construct.
pub(super) fn placement<'t>(constructs: &[Construct<'t>], pen: Pen<'t>) -> Option<Node<'t>> {
    let construct = constructs.iter().find(|construct| construct.kind == Kind::Network)?;
    let pen = pen.at(construct.span);
    let subnets = ZONES.map(|zone| pen.reference(&construct.part(&format!("PrivateSubnet{zone}Subnet"))));
    let groups = [pen.attribute(&construct.part("AppSecurityGroup"), "GroupId")];
    Some(pen.map(&[("securityGroupIds", pen.list(&groups)), ("subnetIds", pen.list(&subnets))]))
}

pub(super) fn add<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let (network, gateway) = (construct.part(""), construct.part("IGW"));
    let of_network = ("VpcId", pen.reference(&network));
    stack.add(&network, "AWS::EC2::VPC", pen.map(&[("CidrBlock", pen.text("10.0.0.0/16")), ("EnableDnsSupport", pen.flag(true))]));
    stack.add(&gateway, "AWS::EC2::InternetGateway", pen.map(&[]));
    let attachment = [of_network, ("InternetGatewayId", pen.reference(&gateway))];
    stack.add(&construct.part("VPCGW"), "AWS::EC2::VPCGatewayAttachment", pen.map(&attachment));
    for zone in ZONES {
        let public = format!("PublicSubnet{zone}");
        add_subnet(construct, stack, pen, &public, ("GatewayId", pen.reference(&gateway)));
        let translated = add_translation(construct, stack, pen, &public);
        add_subnet(construct, stack, pen, &format!("PrivateSubnet{zone}"), ("NatGatewayId", pen.reference(&translated)));
    }
    let anywhere = pen.map(&[("CidrIp", pen.text("0.0.0.0/0")), ("IpProtocol", pen.text("-1"))]);
    let group = [("GroupDescription", pen.text("of all functions")), of_network, ("SecurityGroupEgress", pen.list(&[anywhere]))];
    stack.add(&construct.part("AppSecurityGroup"), "AWS::EC2::SecurityGroup", pen.map(&group));
}

/// A subnet with its routes, of which one leads everywhere.
fn add_subnet<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, name: &str, way_out: (&str, Node<'t>)) {
    let part = |rest: &str| construct.part(&[name, rest].concat());
    let (subnet, table) = (part("Subnet"), part("RouteTable"));
    let of_network = ("VpcId", pen.reference(&construct.part("")));
    let public = pen.flag(name.starts_with("Public"));
    stack.add(&subnet, "AWS::EC2::Subnet", pen.map(&[of_network, ("MapPublicIpOnLaunch", public)]));
    stack.add(&table, "AWS::EC2::RouteTable", pen.map(&[of_network]));
    let of_table = ("RouteTableId", pen.reference(&table));
    let association = [of_table, ("SubnetId", pen.reference(&subnet))];
    stack.add(&part("RouteTableAssociation"), "AWS::EC2::SubnetRouteTableAssociation", pen.map(&association));
    let route = [of_table, ("DestinationCidrBlock", pen.text("0.0.0.0/0")), way_out];
    stack.add(&part("DefaultRoute"), "AWS::EC2::Route", pen.map(&route));
}

/// The gateway through which the private subnet of a zone reaches the internet.
fn add_translation<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, public: &str) -> String {
    let part = |rest: &str| construct.part(&[public, rest].concat());
    let (address, gateway) = (part("EIP"), part("NATGateway"));
    stack.add(&address, "AWS::EC2::EIP", pen.map(&[("Domain", pen.text("vpc"))]));
    let properties = [("AllocationId", pen.attribute(&address, "AllocationId")), ("SubnetId", pen.reference(&part("Subnet")))];
    stack.add(&gateway, "AWS::EC2::NatGateway", pen.map(&properties));
    gateway
}
