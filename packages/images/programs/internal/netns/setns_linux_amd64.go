package netns

// sysSetns is the number of setns(2), which the frozen syscall package does not name on this processor.
const sysSetns = 308
