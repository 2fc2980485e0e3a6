module.exports = {small: 128};
