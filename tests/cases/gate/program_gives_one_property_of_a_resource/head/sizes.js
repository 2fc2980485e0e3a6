module.exports = {wait: 30};
