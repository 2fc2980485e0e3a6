import * as cdk from 'aws-cdk-lib';
// Refactored.
