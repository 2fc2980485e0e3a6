module.exports = class { constructor() {} };
