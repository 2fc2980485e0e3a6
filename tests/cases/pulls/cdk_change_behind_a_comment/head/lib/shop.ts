import { Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";

export class Shop extends Stack {
  private readonly files = new Bucket(this, "Files");
  /* no more than a word */ readonly open = new Bucket(this, "Open", { publicReadAccess: true });
}
