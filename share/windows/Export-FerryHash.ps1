# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Writes this PC's hardware hash as a registration file, and can register it with a Ferry service.

.DESCRIPTION
Collects what Windows itself hands out (MDM bridge, class MDM_DevDetail_Ext01) and writes the columns that Intune and
"ferry device import" read: Device Serial Number,Windows Product ID,Hardware Hash and, where given, Group Tag and
Assigned User. Plain ASCII, no quotes.

This script was written from documentation and has NOT been run by its authors: Ferry is built and tested on machines
without Windows. The requests that it sends are those that Ferry's own tests send. Please report what you find.

.PARAMETER OutputFile
Where to write the file; without it, and without -FerryUrl, the lines go to the pipeline.

.PARAMETER Append
Add a line to a file that has the header already.

.PARAMETER GroupTag
The group tag of this device.

.PARAMETER AssignedUser
The user principal name of the person who will get this device.

.PARAMETER FerryUrl
Register at this service, for example https://ferry.example.com. Its certificate must be trusted by this Windows.

.PARAMETER Tenant
The organization's id at the service.

.PARAMETER ClientId
An API client with the permission DeviceManagementServiceConfig.ReadWrite.All.

.PARAMETER ClientSecret
Its secret, as a SecureString: it is asked for when it is not given, and never stands on a command line.

.EXAMPLE
.\Export-FerryHash.ps1 -OutputFile C:\hash.csv -GroupTag sales

.EXAMPLE
.\Export-FerryHash.ps1 -FerryUrl https://ferry.example.com -Tenant TENANT -ClientId CLIENT -GroupTag sales
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding(DefaultParameterSetName = 'File')]
param(
	[string]$OutputFile,
	[switch]$Append,
	[string]$GroupTag = '',
	[string]$AssignedUser = '',
	[Parameter(ParameterSetName = 'Service', Mandatory = $true)][uri]$FerryUrl,
	[Parameter(ParameterSetName = 'Service', Mandatory = $true)][guid]$Tenant,
	[Parameter(ParameterSetName = 'Service', Mandatory = $true)][string]$ClientId,
	[Parameter(ParameterSetName = 'Service')][securestring]$ClientSecret
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# A cell that every reader of the format understands: Intune takes no quotes and nothing but ASCII.
function Assert-Cell([string]$Name, [string]$Value) {
	if ($Value -match '[,"]' -or $Value -match '[^\x20-\x7e]') {
		throw "$Name must be plain ASCII without commas and quotes: '$Value'"
	}
}

function Get-SerialNumber {
	$serial = (Get-CimInstance -ClassName Win32_BIOS).SerialNumber
	if ([string]::IsNullOrWhiteSpace($serial)) {
		throw 'The firmware of this PC states no serial number.'
	}
	return $serial.Trim()
}

# Windows hands the hash out without the padding of base64.
function Get-HardwareHash {
	$query = @{
		Namespace = 'root/cimv2/mdm/dmmap'
		ClassName = 'MDM_DevDetail_Ext01'
		Filter = "InstanceID='Ext' AND ParentID='./DevDetail'"
	}
	$detail = Get-CimInstance @query
	if (-not $detail -or -not $detail.DeviceHardwareData) {
		throw 'Windows gave no hardware hash. Is this Windows 10 or 11 Pro, Enterprise or Education?'
	}
	$text = $detail.DeviceHardwareData.Trim().TrimEnd('=')
	$text = $text.PadRight($text.Length + (4 - $text.Length % 4) % 4, '=')
	[void][Convert]::FromBase64String($text)
	return $text
}

function Write-RegistrationFile([string]$Serial, [string]$Hash) {
	$header = 'Device Serial Number,Windows Product ID,Hardware Hash'
	$line = "$Serial,,$Hash"
	if ($GroupTag -or $AssignedUser) {
		$header += ',Group Tag,Assigned User'
		$line += ",$GroupTag,$AssignedUser"
	}
	if (-not $OutputFile) {
		$header
		$line
		return
	}
	$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputFile)
	$ascii = New-Object System.Text.ASCIIEncoding
	if ($Append -and (Test-Path -LiteralPath $path)) {
		$first = [IO.File]::ReadAllLines($path)[0]
		if ($first -cne $header) {
			throw "$path has other columns: '$first'"
		}
		[IO.File]::AppendAllText($path, "$line`r`n", $ascii)
	} else {
		[IO.File]::WriteAllText($path, "$header`r`n$line`r`n", $ascii)
	}
}

function Get-Token {
	if (-not $ClientSecret) {
		$script:ClientSecret = Read-Host -AsSecureString -Prompt 'Client secret'
	}
	$credential = New-Object System.Management.Automation.PSCredential($ClientId, $ClientSecret)
	$request = @{
		Method = 'Post'
		Uri = "$($FerryUrl.GetLeftPart('Authority'))/$Tenant/oauth2/v2.0/token"
		ContentType = 'application/x-www-form-urlencoded'
		Body = @{
			grant_type = 'client_credentials'
			client_id = $ClientId
			client_secret = $credential.GetNetworkCredential().Password
			scope = "$($FerryUrl.GetLeftPart('Authority'))/.default"
		}
	}
	return (Invoke-RestMethod @request).access_token
}

function Register-Device([string]$Serial, [string]$Hash) {
	if ($FerryUrl.Scheme -ne 'https') {
		throw 'The address of the service must begin with https://'
	}
	# Windows PowerShell 5.1 does not offer TLS 1.2 by itself everywhere.
	[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072
	$device = @{
		serialNumber = $Serial
		hardwareIdentifier = $Hash
		groupTag = $GroupTag
		assignedUserPrincipalName = $AssignedUser
		importId = [guid]::NewGuid().ToString()
	}
	$body = ConvertTo-Json -Depth 4 -InputObject @{ importedWindowsAutopilotDeviceIdentities = @($device) }
	$request = @{
		Method = 'Post'
		Uri = "$($FerryUrl.GetLeftPart('Authority'))/v1.0/deviceManagement/" +
			'importedWindowsAutopilotDeviceIdentities/import'
		Headers = @{ Authorization = "Bearer $(Get-Token)" }
		ContentType = 'application/json; charset=utf-8'
		Body = [Text.Encoding]::UTF8.GetBytes($body)
	}
	# The service has registered and assigned the device when it answers: there is nothing to wait for.
	$state = (Invoke-RestMethod @request).value[0].state
	if ($state.deviceImportStatus -eq 'complete') {
		Write-Output "Registered $Serial as $($state.deviceRegistrationId)."
	} elseif ($state.deviceErrorCode -eq 806) {
		Write-Output "$Serial was registered before, as $($state.deviceRegistrationId)."
	} else {
		throw "$Serial was not registered: $($state.deviceErrorName) ($($state.deviceErrorCode))"
	}
}

Assert-Cell 'GroupTag' $GroupTag
Assert-Cell 'AssignedUser' $AssignedUser
$serial = Get-SerialNumber
Assert-Cell 'The serial number' $serial
$hash = Get-HardwareHash
if ($OutputFile -or -not $FerryUrl) {
	Write-RegistrationFile $serial $hash
}
if ($FerryUrl) {
	Register-Device $serial $hash
}
