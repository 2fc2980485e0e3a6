import { Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
export class Shop extends Stack {
  orders = new sqs.Queue(this, 'Orders');
}
