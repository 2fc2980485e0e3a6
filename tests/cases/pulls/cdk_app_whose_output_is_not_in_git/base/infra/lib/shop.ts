import { Stack } from 'aws-cdk-lib';
export class Shop extends Stack {}
