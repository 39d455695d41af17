package netns

// sysSetns is the number of setns(2).
const sysSetns = 268
