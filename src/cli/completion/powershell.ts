import type { CompletedCommand, Values } from "./model.ts";

/** The same whatever is declared: finds the command and the option before the cursor, and what they take. */
const GLUE = `    $path = ''
    $option = ''
    $ended = $false
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.ToString() })
    foreach ($word in $words) {
        $at = "$path $word".Trim()
        if ($option) { $option = ''; continue }
        if ($word -ceq '--') { $ended = $true; continue }
        if (-not $ended -and $values.ContainsKey($at)) { $option = $at; continue }
        if (@($candidates | Where-Object { $_[0] -ceq $path -and $_[1] -ceq $word -and $word -notlike '-*' -and $word -cne 'help' }).Count -gt 0) { $path = $at }
    }
    $typed = "$wordToComplete"
    $prefix = ''
    if (-not $option -and -not $ended -and $typed -match '^(--[^=]+)=(.*)$') {
        $option = "$path $($Matches[1])".Trim()
        $prefix = "$($Matches[1])="
        $typed = $Matches[2]
    }
    if ($option) {
        $found = @($values[$option] | Where-Object { $_ } | ForEach-Object { ,@('', $_, $_) })
    } elseif (-not $ended -and $typed.StartsWith('-')) {
        $found = @($candidates | Where-Object { $_[0] -ceq $path -and $_[1].StartsWith('-') })
    } else {
        $found = @($candidates | Where-Object { $_[0] -ceq $path -and -not $_[1].StartsWith('-') })
        $found += @($arguments[$path] | Where-Object { $_ } | ForEach-Object { ,@('', $_, $_) })
    }
    $found | Where-Object { $_[1].StartsWith($typed, [StringComparison]::Ordinal) } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$prefix$($_[1])", $_[1], 'ParameterValue', $_[2])
    }`;

/** For PowerShell 5.1 and later. Where it returns nothing, PowerShell itself offers files. */
export function powershellScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  const candidates = commands.flatMap(({ words, commands: below, options }) => [
    ...below.map(({ name, description }) => row([words.join(" "), name, description])),
    ...options.flatMap(({ names: flags, description }) =>
      flags.map((flag) => row([words.join(" "), flag, description])),
    ),
  ]);
  const values = commands.flatMap(({ words, options }) =>
    options.flatMap(({ names: flags, value }) =>
      value === undefined ? [] : flags.map((flag) => entry([...words, flag].join(" "), value)),
    ),
  );
  const args = commands.flatMap(({ words, argument }) =>
    argument === undefined ? [] : [entry(words.join(" "), argument)],
  );
  return `# PowerShell completion for ${names.join(" and ")}
Register-ArgumentCompleter -Native -CommandName ${names.map(quoted).join(", ")} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $candidates = @(
${candidates.join(",\n")}
    )
    $values = New-Object System.Collections.Hashtable ([StringComparer]::Ordinal)
${values.map((text) => `    $values${text}`).join("\n")}
    $arguments = New-Object System.Collections.Hashtable ([StringComparer]::Ordinal)
${args.map((text) => `    $arguments${text}`).join("\n")}
${GLUE}
}`;
}

function entry(key: string, values: Values): string {
  const list = typeof values === "string" ? [] : values;
  return `[${quoted(key)}] = @(${list.map(quoted).join(", ")})`;
}

function row(cells: readonly string[]): string {
  return `        @(${cells.map(quoted).join(", ")})`;
}

/** PowerShell takes typographic quotes for plain ones. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/g, "$&$&")}'`;
}
