import { Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
/** The shop. */
export class Shop extends Stack {
  // What people have ordered.
  orders = new sqs.Queue(this, 'Orders');
}
