module.exports = {Resources: {}};
