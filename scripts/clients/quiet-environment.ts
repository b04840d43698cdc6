/** The environment of clients and agents: nothing of this machine's but the path, nothing that speaks of its own accord. */

/** @param home a folder of their own, where they may write */
export function quietEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    NO_PROXY: '*',
    DO_NOT_TRACK: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    OPENAI_AGENTS_DISABLE_TRACING: '1',
    LANGSMITH_TRACING: 'false',
    LOGFIRE_SEND_TO_LOGFIRE: 'false',
    AI_SDK_LOG_WARNINGS: 'false',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
}
