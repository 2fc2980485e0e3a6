import { Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";

export class Shop extends Stack {
  private readonly files = new Bucket(this, "Files");
}
