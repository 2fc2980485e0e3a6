module.exports.region = async () => process.env.REGION;
