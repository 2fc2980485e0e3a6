import { Template } from "aws-cdk-lib/assertions";

describe("stack", () => {
  it("has a queue", () => {
    template.templateMatches({ Resources: { Jobs: { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: 30 } } } });
  });
});
